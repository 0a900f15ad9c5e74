"""Settings of the ground floor: units, people, words, rule numbers, partner tokens."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html

from crm import audit, numbers, roles
from crm.admin_site import WORDS_AND_LIMITS, ReadOnlyAdmin, SettingsAdmin, site
from crm.models import (
    Carrier,
    Channel,
    City,
    FusionSector,
    FutureTrack,
    LossReason,
    PartnerToken,
    Setting,
    Tag,
    Unit,
    User,
)
from crm.partners import SCOPES

ACCOUNT = {"username": "账号"}
CODE = ["code"]  # given once, for addresses and partners; the name is what people read


@admin.register(Unit, site=site)
class UnitAdmin(SettingsAdmin):
    list_display = ["name", "kind", "city", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name", "code"]

    def get_exclude(self, request, obj=None):
        return CODE if obj else []


class PersonRules:
    """What holds for a person whether new or changed: who works for a unit has one."""

    def clean(self):
        person = super().clean() or self.cleaned_data
        if person.get("role") in roles.SEES_OWN_UNIT and not person.get("unit"):
            self.add_error("unit", "招商专员、站长和单位负责人必须有所属单位。")
        return person


class NewPersonForm(PersonRules, UserCreationForm):
    class Meta:
        model = User
        fields = ["username", "name", "role", "unit"]
        labels = ACCOUNT


class NewPasswordForm(AdminPasswordChangeForm):
    """A new password for somebody; whoever shall not log in any more is switched off instead."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


class PersonForm(PersonRules, UserChangeForm):
    class Meta:
        model = User
        fields = ["username", "name", "role", "unit", "is_active"]
        labels = ACCOUNT


@admin.register(User, site=site)
class PersonAdmin(SettingsAdmin, UserAdmin):
    """People with their role and unit. Nobody is deleted: an account that is not needed is switched off."""

    form, add_form, change_password_form = PersonForm, NewPersonForm, NewPasswordForm
    change_user_password_template = "admin/crm/user/new_password.html"  # noqa: S105
    list_display = ["name", "account", "role", "unit", "is_active", "last_login"]
    list_filter = ["role", "is_active", "unit"]
    list_select_related = ["unit"]
    search_fields = ["name", "username"]
    ordering = ["unit_id", "name"]
    filter_horizontal = []
    readonly_fields = ["new_password", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "new_password", "name", "role", "unit", "is_active"]}),
        ("时间", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "name", "role", "unit", "password1", "password2"]})]

    @admin.display(description="账号", ordering="username")
    def account(self, obj):
        return obj.username

    @admin.display(description="密码")
    def new_password(self, obj):
        """Where to set a new one; of the present one not even the kind of hash is shown."""
        return format_html('<a href="{}">重新设置密码</a>', "../password/")

    def get_readonly_fields(self, request, obj=None):
        """Nobody takes away their own role or switches themselves off: somebody must keep the keys."""
        own = ["role", "is_active"] if obj is not None and obj.pk == request.user.pk else []
        return [*self.readonly_fields, *own]

    def save_model(self, request, obj, form, change):
        obj.is_staff = obj.role == roles.ADMIN
        super().save_model(request, obj, form, change)

    def log_change(self, request, obj, message):
        """Setting a password does not pass through save_model, but it does pass here."""
        if request.resolver_match.url_name == "auth_user_password_change":
            detail = {"object": str(obj), "登录密码": "已设置"}
            audit.record(request.user, "admin_change", obj, detail=detail, at=timezone.now())
        return super().log_change(request, obj, message)


@admin.register(City, site=site)
class CityAdmin(SettingsAdmin):
    keepers = WORDS_AND_LIMITS
    list_display = ["name", "code", "province"]
    search_fields = ["name", "code", "province"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(FusionSector, FutureTrack, LossReason, site=site)
class TermAdmin(SettingsAdmin):
    """A word is not deleted but retired by its last day: old records keep it."""

    keepers = WORDS_AND_LIMITS
    list_display = ["name", "order", "active_from", "active_to"]
    list_display_links = ["name"]

    def get_exclude(self, request, obj=None):
        return CODE if obj else []


@admin.register(Tag, site=site)
class TagAdmin(SettingsAdmin):
    """A tag is not deleted but retired by its last day: records keep it."""

    keepers = WORDS_AND_LIMITS
    list_display = ["name", "unit", "active_to"]
    list_filter = ["unit"]
    list_select_related = ["unit"]
    search_fields = ["name"]


@admin.register(Channel, site=site)
class ChannelAdmin(TermAdmin):
    list_display = ["name", "is_poolable", "has_introducer", "order", "active_from", "active_to"]


@admin.register(Carrier, site=site)
class CarrierAdmin(TermAdmin):
    list_display = ["name", "place", "parent", "unit", "order", "active_from", "active_to"]
    list_filter = ["place"]
    list_select_related = ["parent", "unit"]


class SettingForm(forms.ModelForm):
    """One number of the rules by its Chinese name."""

    key = forms.ChoiceField(
        label="规则数值",
        choices=[(key, f"{label}｜默认 {numbers.DEFAULTS[key]:,}") for key, label in numbers.LABELS.items()],
    )
    value = forms.IntegerField(label="值", help_text="填整数，保存后立即按新值计算；删除这一行就恢复默认值。")

    class Meta:
        model = Setting
        fields = ["key", "value"]

    def clean(self):
        given = super().clean()
        key = given.get("key") or self.instance.pk
        if "value" in given and (wrong := numbers.out_of_range(key, given["value"])):
            self.add_error("value", wrong)
        return given


class SettingAdmin(SettingsAdmin):
    """Numbers that depart from their default; removing a row restores the default.

    Registered above, where running work can be counted anew by the changed number.
    """

    keepers = WORDS_AND_LIMITS
    form = SettingForm
    list_display = ["label", "value", "default", "bounds", "updated_by", "updated_at"]
    list_select_related = ["updated_by"]

    @admin.display(description="规则数值")
    def label(self, obj):
        return numbers.LABELS.get(obj.key, obj.key)

    @admin.display(description="默认值")
    def default(self, obj):
        return numbers.DEFAULTS.get(obj.key)

    @admin.display(description="范围")
    def bounds(self, obj):
        return "{:,} 到 {:,}".format(*numbers.RANGES[obj.key]) if obj.key in numbers.RANGES else None

    def get_fields(self, request, obj=None):
        return ["label", "bounds", "value"] if obj else ["key", "value"]

    def get_readonly_fields(self, request, obj=None):
        return ["key", "label", "bounds"] if obj else []

    def changelist_view(self, request, extra_context=None):
        """Says what the list leaves out: a number nobody has changed has no row."""
        named = {"title": "改过的规则数值", "subtitle": "没有列出的按默认值，点「增加」选一项来改"}
        return super().changelist_view(request, {**(extra_context or {}), **named})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Under the name of the number, not under its key."""
        named = {"subtitle": numbers.LABELS.get(object_id, "")}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **named})

    def has_delete_permission(self, request, obj=None):
        return self.is_kept_by(request)

    def name_of(self, obj):
        return self.label(obj)

    def save_model(self, request, obj, form, change):
        obj.updated_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(PartnerToken, site=site)
class PartnerTokenAdmin(ReadOnlyAdmin):
    """Partner tokens as they are; the one thing to do here is to revoke them."""

    list_display = ["name", "prefix", "granted", "unit", "expires_at", "last_used_at", "revoked_at"]
    list_select_related = ["unit"]
    fields = ["name", "prefix", "granted", "cidr", "unit", "created_at", *list_display[-3:]]
    actions = ["revoke"]

    @admin.display(description="权限范围")
    def granted(self, obj):
        return "；".join(SCOPES[scope] for scope in obj.scopes if scope in SCOPES)

    @admin.action(description="撤销选中的令牌")
    @transaction.atomic
    def revoke(self, request, queryset):
        at = timezone.now()
        revoked = list(queryset.filter(revoked_at=None).select_for_update())
        for token in revoked:
            token.revoked_at = at
            token.save(update_fields=["revoked_at"])
            audit.record(request.user, "token_revoked", token, detail={"prefix": token.prefix}, at=at)
        self.message_user(request, f"已撤销 {len(revoked)} 个令牌，立即失效。", messages.SUCCESS)
