"""Settings that reach into running work: limits, holidays, rule numbers; funds and policies, to be seen."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html_join

from crm import audit, rules, stage_words
from crm.admin import SettingAdmin
from crm.admin_site import WORDS_AND_LIMITS, ReadOnlyAdmin, SettingsAdmin, changes, site
from crm.models import Holiday, Setting, StageSetting
from crm.numbers import number
from crm.workdays import shanghai_day
from leads import conflicts, feedback, handover, lapses, pool, suspecting
from projects import clocks
from projects.models import CriteriaVersion, DecisionNode, DecisionRoute, Fund, Policy
from projects.offers import vocabulary
from projects.reminders import LISTED

# number of the rules → what counts the running clocks anew at a moment, and how that is told
REWINDERS = {
    "protection_days": (lapses.rewind, "已按新的保护期重算 {} 条首报的到期日。"),
    "feedback_days": (lambda at: feedback.rewind(), "已按新的天数重算 {} 条线索的回音期限。"),
    "handover_days": (handover.rewind, "已按新的天数重算 {} 次移交的接收期限。"),
    "conflict_days": (conflicts.rewind, "已按新的天数重算 {} 个首报冲突的裁决期限。"),
    "pool_first_follow_up_hours": (pool.rewind, "已按新的小时数重算 {} 条已领取线索的跟进期限。"),
    **dict.fromkeys(
        suspecting.LIMITS,
        (lambda at: suspecting.ask_again(), "已按新的门槛排队重新判重 {} 条线索，几分钟内完成。"),
    ),
    **dict.fromkeys(
        clocks.NUMBERS, (lambda at: clocks.rewind_all(), "已按新的数值重算 {} 条在办记录的到期日。")
    ),
}

CLOCKED = frozenset({"limit_days", "red_after_days", "is_restarted_by_progress"})
STAGE_RANGES = {"limit_days": (1, 365), "red_after_days": (0, 365)}


class ForeseenAdmin(SettingsAdmin):
    """What running clocks are set by: who would make records late at once is told how many, and confirms."""

    def stages_of(self, form):
        """The codes of the stages whose clocks what `form` changes sets anew."""
        raise NotImplementedError

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST" and "_foreseen" not in request.POST:
            form = self._form_of(request, object_id)
            if form and (later := self._later(request, form)).late:
                return self._ask(request, form, later)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _form_of(self, request, object_id):
        """What was sent, as far as it may be saved; what may not is refused by Django's own view."""
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may or (object_id and obj is None):
            return None
        form = self.get_form(request, obj, change=obj is not None)(request.POST, instance=obj)
        return form if form.is_valid() and form.has_changed() else None

    def _later(self, request, form):
        codes = self.stages_of(form)
        if hasattr(form.instance, "updated_by_id"):
            form.instance.updated_by = request.user
        return clocks.foresee(form.save, codes, shanghai_day(timezone.now())) if codes else clocks.Later()

    def _ask(self, request, form, later):
        sent = [(key, text) for key, texts in request.POST.lists() for text in texts]
        context = {
            **self.admin_site.each_context(request),
            "title": "保存以前先看影响",
            "opts": self.opts,
            "name": self.name_of(form.instance),
            "changes": changes(form),
            "later": later,
            "given": [one for one in sent if not one[0].startswith(("_", "csrf"))],
            "listed": LISTED,
            "per_day": number("supervision_per_day"),
        }
        return TemplateResponse(request, "admin/foreseen.html", context)


@admin.register(StageSetting, site=site)
class StageSettingAdmin(ForeseenAdmin):
    """Words and limits of the stages; the stages themselves stand in code. A new limit counts at once."""

    keepers = WORDS_AND_LIMITS
    list_display = ["label", "limit_days", "red_after_days", "is_restarted_by_progress", "order"]
    fields = ["label", "order", "limit_days", "red_after_days", "is_restarted_by_progress"]
    readonly_fields = ["order"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """A limit is of 1 to 365 days (domain §1.9); a stage without one has none at all."""
        least, most = STAGE_RANGES.get(db_field.name, (None, None))
        if most:
            kwargs |= {"min_value": least, "max_value": most}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request):
        return False

    def stages_of(self, form):
        return [form.instance.code] if CLOCKED.intersection(form.changed_data) else []

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        transaction.on_commit(stage_words.forget)
        if CLOCKED.intersection(form.changed_data):
            moved = clocks.rewind(obj.code)
            self.message_user(request, f"已按新时限重算 {moved} 条在办记录的到期日。", messages.SUCCESS)


@admin.register(Holiday, site=site)
class HolidayAdmin(SettingsAdmin):
    """Holidays and 调休 workdays; every running clock is counted again with them."""

    keepers = WORDS_AND_LIMITS
    list_display = ["day", "name", "is_workday"]
    date_hierarchy = "day"
    ordering = ["-day"]

    def get_readonly_fields(self, request, obj=None):
        """The day is the key: another day is another holiday, and this one would stay."""
        return ["day"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return self.is_kept_by(request)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self._rewind(request)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        self._rewind(request)

    def _rewind(self, request):
        at = timezone.now()
        moved = clocks.rewind_all()
        offers, cases = handover.rewind(at), conflicts.rewind(at)
        done = f"已按新的节假日重算 {moved} 条在办记录的到期日、{offers} 次移交和 {cases} 个首报冲突的期限。"
        self.message_user(request, done, messages.SUCCESS)


@admin.register(Setting, site=site)
class RuleNumberAdmin(SettingAdmin, ForeseenAdmin):
    """Numbers of the rules; changing or removing one sets every running clock it gives the length of anew."""

    def stages_of(self, form):
        return clocks.limited() if form.instance.key in clocks.NUMBERS else []

    def delete_view(self, request, object_id, extra_context=None):
        """Django asks before it deletes; the page says how many records the default makes late at once."""
        obj = self.get_object(request, unquote(object_id))
        if request.method == "GET" and obj and obj.key in clocks.NUMBERS and self.is_kept_by(request):
            row = Setting.objects.filter(pk=obj.pk)
            later = clocks.foresee(row.delete, clocks.limited(), shanghai_day(timezone.now()))
            if later.late:
                red = f"其中到红灯 {later.red} 条"
                told = f"恢复默认值以后，当时就有 {later.late} 条在办记录超过时限，{red}。"
                self.message_user(request, told, messages.WARNING)
        return super().delete_view(request, object_id, extra_context)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self._rewind(request, obj.key)

    def delete_model(self, request, obj):
        key = obj.key  # a row that is gone has none
        super().delete_model(request, obj)
        self._rewind(request, key)

    def _rewind(self, request, key):
        if key not in REWINDERS:
            return
        rewind, done = REWINDERS[key]
        self.message_user(request, done.format(rewind(timezone.now())), messages.SUCCESS)


class VersionInline(admin.StackedInline):
    """The published states of the criteria of a fund or policy."""

    model = CriteriaVersion
    extra = 0
    can_delete = view_on_site = False
    fields = readonly_fields = ["number", "conditions", "source", "source_date", "valid_from", "valid_to"]

    @admin.display(description="条件")
    def conditions(self, obj):
        """The criteria clause by clause, as the page of the fund or policy reads them."""
        tree = rules.evaluate(obj.criteria, {}, obj.valid_from, vocabulary=vocabulary()).tree
        lines = ((leaf["number"], leaf["label"], leaf["threshold_display"]) for leaf in rules.leaves(tree))
        return format_html_join("", "<div>{} {} {}</div>", lines) or "没有公布条件"

    def has_view_permission(self, request, obj=None):
        return site.has_permission(request)

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Fund, site=site)
class FundAdmin(ReadOnlyAdmin):
    """Funds with their criteria, to be looked at; a change is a new version, made elsewhere."""

    list_display = ["name", "kind", "status", "operator", "is_local"]
    list_filter = ["status", "kind"]
    fields = ["name", "kind", "status", "status_note", "size_wan", "operator", "managers", "order"]
    inlines = [VersionInline]


@admin.register(Policy, site=site)
class PolicyAdmin(ReadOnlyAdmin):
    """Policies with their criteria, to be looked at; a change is a new version, made elsewhere."""

    list_display = ["name", "level", "issuer", "status", "office"]
    list_filter = ["status", "level"]
    fields = ["name", "level", "issuer", "number", "issued_on", "status", "status_note", "office", "order"]
    inlines = [VersionInline]


class NodeInline(admin.TabularInline):
    """The meetings of a route, in their order."""

    model = DecisionNode
    extra = 1
    fields = ["order", "code", "name"]

    def has_view_permission(self, request, obj=None):
        return site.has_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(DecisionRoute, site=site)
class DecisionRouteAdmin(SettingsAdmin):
    """Which meetings a project must pass; a changed route counts from the next question at the gate."""

    list_display = ["category", "over_wan", "upto_wan", "meetings", "active_from", "active_to", "basis"]
    inlines = [NodeInline]

    @admin.display(description="会议，按顺序")
    def meetings(self, obj):
        return " → ".join(node.name for node in obj.nodes.all()) or "不需要"

    def save_related(self, request, form, formsets, change):
        """Note in the audit log what the meetings are after the change."""
        super().save_related(request, form, formsets, change)
        if any(formset.has_changed() for formset in formsets):
            detail = {"object": str(form.instance), "会议": self.meetings(form.instance)}
            audit.record(request.user, "admin_change", form.instance, detail=detail, at=timezone.now())
