"""更正: what a record held before it was corrected, and the rules of the 统计日期 (§1.3)."""

from decimal import Decimal

from crm import audit, display
from crm.errors import Refused
from crm.workdays import shanghai_day
from projects.days import check_year
from projects.models import Correction


class CountRefused(Refused):
    """The 统计日期 cannot be this day; `field` names what to mend."""

    code = "invalid"


def keep(row, before, *, by, at, reason=""):
    """Write down what the fields of `before` were and are, as read on screen, with who and why."""
    changes = {
        name: [_words(row, name, value), _words(row, name, getattr(row, name))]
        for name, value in before.items()
    }
    return Correction.objects.create(
        **{row._meta.model_name: row},
        changes=changes,
        version=getattr(row, "version", 1),
        reason=reason.strip(),
        by=by,
        at=at,
    )


def _words(row, name, value):
    if value in (None, ""):
        return display.UNKNOWN
    if name.endswith("_wan"):
        return display.money(value, None)
    if isinstance(value, Decimal):
        return display.number(value, None)
    return str(dict(row._meta.get_field(name).flatchoices).get(value, value))


def in_words(correction):
    """[(label, before, after)] of a correction, its fields by their Chinese names."""
    subject = next(
        Correction._meta.get_field(name).related_model
        for name in ("agreement", "commitment", "evidence", "referralstep")
        if getattr(correction, f"{name}_id")
    )
    changed = [field for field in subject._meta.fields if field.name in correction.changes]
    return [(str(field.verbose_name), *correction.changes[field.name]) for field in changed]


def check_counted_on(row, day, event_on, reason, at, is_same=True):
    """CountRefused for a 统计日期 before `event_on`, after today, or moved without a reason.

    `is_same` tells whether as much counts as before; when not, that wants a reason as well.
    """
    check_year(day, "统计日期", CountRefused, field="counted_on")
    if day and day < event_on:
        raise CountRefused(f"统计日期不能早于签订或发生的那天（{event_on}）。", field="counted_on")
    if day and day > shanghai_day(at):
        raise CountRefused("统计日期不能晚于今天：审核通过之后再填。", field="counted_on")
    if day is None and row.counted_on is None:
        raise CountRefused("请填写统计日期。", field="counted_on")
    if row.counted_on and not (row.counted_on == day and is_same) and not reason.strip():
        raise CountRefused(
            f"已按 {row.counted_on} 计入统计，改动会影响已出的通报，请写明理由。",
            code="reason_required",
            field="reason",
        )


def tell_audit(row, before, reason, *, by, at):
    """Note who changed the 统计日期 of `row` from `before`."""
    days = {"from": f"{before or '未计入'}", "to": f"{row.counted_on or '未计入'}"}
    detail = {"project": row.project_id, "name": str(row), **days, "reason": reason.strip()}
    audit.record(by, "count", row, detail=detail, at=at)
