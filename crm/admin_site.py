"""The settings under /admin/: people and tokens for the administrator, words and limits for the bureau, too.

Every change leaves an audit event.
"""

from functools import update_wrapper

from django.contrib import admin, auth
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from crm import admin_words, audit, roles
from crm.wording import in_our_words

OPEN_TO = frozenset({roles.ADMIN, roles.MANAGER})
WORDS_AND_LIMITS = OPEN_TO  # 区投促局 sets limits and vocabularies, not who may log in
CLOSED = "设置页面只对系统管理员和区投促局开放。"
SECRET = frozenset({"password", "password1", "password2", "usable_password"})


class RoleSite(admin.AdminSite):
    """Django's admin behind our own login; whoever has another role is refused, not asked to log in again."""

    site_header = "拱墅招商｜设置"
    site_title = "拱墅招商"
    index_title = "人员、单位、词表与规则数值"
    site_url = "/"

    def has_permission(self, request):
        """Only the role decides; is_staff and is_superuser open nothing."""
        return request.user.is_active and getattr(request.user, "role", "") in OPEN_TO

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(CLOSED)
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def login(self, request, extra_context=None):
        """The one login page of the site; a person of another role must not be sent round in circles."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied(CLOSED)
        if request.user.is_authenticated:
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def logout(self, request, extra_context=None):
        """The same as leaving by the menu of the site: by POST, with its event."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        audit.record(request.user, "logout", request.user, at=timezone.now())
        auth.logout(request)
        return redirect("login")

    def password_change(self, request, extra_context=None):
        return redirect("password_change")


site = RoleSite()


class SettingsAdmin(admin.ModelAdmin):
    """What its `keepers` may look at and change; nothing is deleted unless a subclass says so.

    Deleting a word in use would list the records that use it: those are not the administrator's to see.
    """

    keepers = frozenset({roles.ADMIN})
    actions = None
    list_per_page = 100
    view_on_site = False  # what these are about is on pages the administrator does not see

    def is_kept_by(self, request):
        """Whether this person may look at and change these rows."""
        return site.has_permission(request) and request.user.role in self.keepers

    def has_module_permission(self, request):
        return self.is_kept_by(request)

    def has_view_permission(self, request, obj=None):
        return self.is_kept_by(request)

    def has_add_permission(self, request):
        return self.is_kept_by(request)

    def has_change_permission(self, request, obj=None):
        return self.is_kept_by(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The field in our words; a column that is not edited has none."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return field and in_our_words(field)

    def get_list_display(self, request):
        return [
            admin_words.spoken(self.opts, column) if isinstance(column, str) else column
            for column in super().get_list_display(request)
        ]

    def name_of(self, obj):
        """What the log calls the row."""
        return str(obj)

    def save_model(self, request, obj, form, change):
        """Save, and say in the audit log what was before: both in the one transaction of Django's admin."""
        super().save_model(request, obj, form, change)
        action = "admin_change" if change else "admin_add"
        detail = {"object": self.name_of(obj), **changes(form)}
        audit.record(request.user, action, obj, detail=detail, at=timezone.now())

    def delete_model(self, request, obj):
        detail = {"object": self.name_of(obj)}
        audit.record(request.user, "admin_delete", obj, detail=detail, at=timezone.now())
        super().delete_model(request, obj)


class ReadOnlyAdmin(SettingsAdmin):
    """To be looked at, never changed here."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


def changes(form):
    """{field label: "old → new"} of what the form changed, in words; of a password only that it was set."""
    changed = {}
    for name in form.changed_data:
        if name in SECRET:
            changed["登录密码"] = "已设置"
            continue
        label = str(form.fields[name].label or name)
        changed[label] = admin_words.change(form, name)
    return changed
