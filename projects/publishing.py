"""Publishing criteria: a new version of what an offer asks, checked whole, one publisher at a time."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from crm import audit, rules
from crm.errors import Missing, Refused
from crm.permissions import require
from crm.rules import drafting
from crm.rules.comparing import compare
from crm.rules.estimates import in_words, read_benefit
from crm.values.dates import is_plausible
from crm.workdays import shanghai_day
from projects.offers import vocabulary

BENEFIT = {"valid_to": None, "benefit": "", "tiers": [], "cap_wan": None}
UNKEPT_IN_NOTES = ("field", "op", "value", "unit", "weight")
MOST_TOLD = 30  # changes that one line of the audit log names


class CriteriaRefused(Refused):
    """The criteria cannot be published as they are; `missing` names each mistake by the rule's number."""

    code = "criteria"


class PublishedMeanwhile(Refused):
    """Somebody published a version after the draft was begun; `version` is the newest."""

    code = "published_meanwhile"
    status = 409

    def __init__(self, version):
        who = f"由{version.published_by}" if version.published_by else ""
        words = (
            f"您起草期间，第 {version.number} 版已{who}发布，您的草稿没有发布，仍然保留。请先看两版的差别。"
        )
        super().__init__(words)
        self.version = version


@dataclass(frozen=True)
class Edition:
    """What is to be published beside the criteria: from which day, by which document, example or not.

    For a policy also until when, and what it gives: in words, as tiers of an estimate, capped in 万元.
    """

    valid_from: date
    source: str = ""
    source_date: date | None = None
    is_example: bool = False
    valid_to: date | None = None
    benefit: str = ""
    tiers: list = field(default_factory=list)
    cap_wan: Decimal | None = None


def cleaned(criteria):
    """Criteria as they are kept: without what was left empty, and notes without a comparison."""
    if name := drafting.group_of(criteria):
        return {name: [cleaned(item) for item in criteria[name]]}
    if not isinstance(criteria, dict):
        return criteria
    unkept = UNKEPT_IN_NOTES if criteria.get("kind") == "note" else ()
    return {key: value for key, value in criteria.items() if value not in ("", None) and key not in unkept}


def check(criteria):
    """Every mistake of the criteria, those of form included; empty when they can be published."""
    if drafting.is_too_big(criteria):
        words = f"条件太多或套得太深：最多 {drafting.MAX_NODES} 条规则和组，请合并或删去一些。"
        return [rules.Problem("", "too_many", words)]
    if not _is_storable(criteria):
        return [rules.Problem("", "unstorable", "条件里有不能保存的字符或数字，请用键盘重新输入。")]
    return rules.check_offered(criteria, vocabulary())


def _is_storable(criteria):
    """Whether the database takes it: no NUL, no half characters, no infinite numbers."""
    try:
        text = json.dumps(criteria, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return "\\u0000" not in text


@transaction.atomic
def publish(one, criteria, edition, *, by, at, after):
    """Write the next version of the criteria of a fund or policy, in force from the day chosen; returns it.

    `after` is the number of the version the draft was begun from. Versions that would still be in force
    on that day end the day before; those that begin after it has ended stay. Raises NotAllowed,
    PublishedMeanwhile, CriteriaRefused; then nothing is written. The door rings `match_fund` or
    `match_policy` after it.
    """
    require(by, "edit_criteria")
    held = type(one).objects.select_for_update(no_key=True).get(pk=one.pk)
    newest = held.versions.select_related("published_by").order_by("-number").first()
    number = newest.number if newest else 0
    if number != after:
        raise (
            PublishedMeanwhile(newest) if newest else CriteriaRefused("没有这一版，请从现在的条件重新起草。")
        )
    _require_sound(criteria, edition, shanghai_day(at))
    _require_news(criteria, edition, newest)
    made = held.versions.create(
        number=number + 1, criteria=criteria, published_by=by, published_at=at, **vars(edition)
    )
    _end_earlier(made)
    audit.record(by, "publish_criteria", held, detail=_told(made, newest), at=at)
    return made


def _require_sound(criteria, edition, today):
    if edition.valid_from < today:
        raise CriteriaRefused("生效日期不能早于今天。", code="invalid", field="valid_from")
    if not is_plausible(edition.valid_from):
        raise CriteriaRefused("生效日期太远，请核对年份。", code="invalid", field="valid_from")
    if not edition.source.strip():
        raise CriteriaRefused("请填写条件出自哪份文件。", code="required", field="source")
    if edition.source_date and edition.source_date > edition.valid_from:
        raise CriteriaRefused("文件日期不能晚于生效日期。", code="invalid", field="source_date")
    _require_sound_benefit(edition)
    if problems := check(criteria):
        missing = [Missing(one.code, one.message, one.number) for one in problems]
        raise CriteriaRefused(f"条件有 {len(problems)} 处要改，没有发布。", missing=missing)


def _require_sound_benefit(edition):
    if edition.valid_to and edition.valid_to < edition.valid_from:
        raise CriteriaRefused("失效日期不能早于生效日期。", code="invalid", field="valid_to")
    if edition.cap_wan is not None and edition.cap_wan <= 0:
        raise CriteriaRefused("上限要大于 0 万元；没有上限请留空。", code="invalid", field="cap_wan")
    if not _is_storable([edition.benefit, edition.tiers]):
        words = "支持内容或估算方法里有不能保存的字符或数字，请用键盘重新输入。"
        raise CriteriaRefused(words, code="unstorable", field="tiers")
    if wrong := read_benefit(edition.tiers, edition.cap_wan, vocabulary()).problems:
        raise CriteriaRefused(wrong[0].message, code="invalid", field="tiers")


def _require_news(criteria, edition, newest):
    given = {name: value for name, value in vars(edition).items() if name != "valid_from"}
    kept = {name: getattr(newest, name, None) for name in given}
    if newest and newest.criteria == criteria and kept == given:
        raise CriteriaRefused(f"和第 {newest.number} 版完全一样，没有发布。", code="no_change")


def _end_earlier(made):
    """End what would still be in force beside `made`; what never began ends before its own beginning.

    An edition that only begins after `made` has ended stays: this year's is corrected, next year's is kept.
    """
    earlier = made.offer.versions.filter(number__lt=made.number)
    lasting = earlier.filter(Q(valid_to=None) | Q(valid_to__gte=made.valid_from))
    if made.valid_to:
        lasting = lasting.filter(valid_from__lte=made.valid_to)
    lasting.update(valid_to=made.valid_from - timedelta(days=1))


def _told(made, before):
    changes = [_said(change) for change in changes_of(made, before)]
    return {
        "object": made.offer.name,
        "版本": f"第 {made.number} 版",
        "生效日期": str(made.valid_from),
        "来源文件": made.source,
        **_told_of_benefit(made, before),
        "改动": changes[:MOST_TOLD] + (["……"] if len(changes) > MOST_TOLD else []),
    }


def _told_of_benefit(made, before):
    """What the policy gives, where that is new."""
    changed = [name for name in BENEFIT if getattr(made, name) != getattr(before, name, BENEFIT[name])]
    words = {name: str(made._meta.get_field(name).verbose_name) for name in changed}
    return {words[name]: str(getattr(made, name) or "空")[:300] for name in changed if name != "tiers"} | (
        {words["tiers"]: "；".join(in_words(made.tiers, made.cap_wan)) or "不估算"}
        if "tiers" in words
        else {}
    )


def _said(change):
    line = change.after or change.before
    parts = "，".join(f"{what} {before} → {after}" for what, before, after in change.parts)
    return f"{change.word} {line.sentence}{f'：{parts}' if parts else ''}"[:300]


def changes_of(version, before):
    """What `version` changed against the one before it (None: there was none), rule by rule."""
    return differences(before.criteria if before else {}, version.criteria, version.valid_from)


def differences(before, after, day):
    """The changes from criteria to criteria in words."""
    words = vocabulary()
    trees = [rules.evaluate(one, {}, day, vocabulary=words).tree for one in (before, after)]
    return compare(*trees)
