"""首报首谈: the first unit to report a company holds it for a while; the next is told who and until when."""

import zlib
from datetime import timedelta

from django.db import IntegrityError, connection, transaction

from crm import roles
from crm.errors import Refused
from crm.models import Company, Notification
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.permissions import may, require
from crm.values import company_key, is_other_spelling
from crm.workdays import shanghai_day
from leads.models import Claim, ClaimEvent, ClaimWarning, Lead, PoolEntry
from leads.models.claims import ROOT
from leads.stages import LeadStage

RENEWABLE = (Claim.Ended.SILENCE, Claim.Ended.EXPIRED, Claim.Ended.COVERED)
EXPANSION = "expansion"  # the channel 存量增资扩产
ANOTHER = "增资扩产请另记一条，来源渠道选「存量增资扩产」。"
SILENCE_WARNINGS = (ClaimWarning.Kind.SILENCE, ClaimWarning.Kind.IMMINENT)
LOCK_SPACE = 7301  # any number of our own: keeps the locks on companies apart from others


class AlreadyReported(Refused):
    """Another report holds the company. Says unit, date and protection, never contact details."""

    code = "already_reported"
    status = 409

    def __init__(self, claim, by=None, asked=""):
        unit_id = None if by is None or by.role == roles.PARTNER else by.unit_id
        told = notice(claim, unit_id) + by_other_name(claim, asked)
        super().__init__(told, field="company_name")
        self.claim = claim


class ClaimRefused(Refused):
    """The claim cannot be changed as asked; `field` names why."""

    code = "invalid"


def notice(claim, unit_id=None):
    """What the unit `unit_id` is told of an open claim: unit, date, protected until (domain rule §1.7).

    Whose lead it is now, after a hand-over perhaps another than reported it, decides what to do next: the
    holder follows up, who gave it away asks the holder, everybody else may contest it.
    """
    lead, day = claim.lead, shanghai_day(claim.claimed_at)
    go_on = f"（线索「{lead}」），请直接在那条线索上记录跟进。{ANOTHER if is_project(claim) else ''}"
    if lead.unit_id == unit_id == claim.unit_id:
        return f"本单位已于 {day:%Y-%m-%d} 首报这家企业{go_on}"
    reported = f"这家企业已由{claim.unit}于 {day:%Y-%m-%d} 首报，{protection(claim)}"
    if lead.unit_id == unit_id:
        return f"{reported}，现由本单位负责{go_on}"
    if lead.unit_id != claim.unit_id:
        reported += f"，现由{lead.unit}负责"
    if claim.unit_id == unit_id:
        return f"{reported}。本单位已移交这条线索，请与{lead.unit}联系。"
    return f"{reported}。如有不同意见，可以提出首报冲突，由区投促局裁决。"


def is_project(claim):
    """Whether the lead of the claim has become a project, so that its firm may have another."""
    return claim.lead.stage == LeadStage.ACCEPTED


def is_stranger(unit_id, claim):
    """Whether the unit neither reported the company nor has its lead: it may contest the claim."""
    return unit_id not in (claim.unit_id, claim.lead.unit_id)


def by_other_name(claim, asked):
    """What else is told of `claim` when the name `asked` for is not the one the company bears now, or has its
    city written otherwise.
    """
    company = claim.company
    if company is None:
        return ""
    if company_key(asked) in company.other_keys:
        return "所写名称是它的曾用名；如果是另一家企业，请填写统一社会信用代码。"
    if is_other_spelling(asked, company.name):
        told = f"登记的名称是「{company.name}」，与所写的只差城市的写法"
        return f"{told}；如果是另一家企业，请填写统一社会信用代码。"
    return ""


def protection(claim):
    """Until when an open claim is protected, in words; no day where a project goes on or it is contested."""
    if claim.is_contested:
        return "正在裁决冲突，裁决前仍在保护中"
    if claim.clock == Claim.Clock.BOTH:
        return f"保护至 {claim.protected_until:%Y-%m-%d}"
    return "仍在保护中"


def claim_key(name, uscc="", investor=""):
    """The key under which a report holds a company: its USCC, else its normalised name and investor."""
    if uscc:
        return f"uscc:{uscc}"
    brought_by = company_key(investor)
    return f"name:{company_key(name)}|{brought_by}" if brought_by else f"name:{company_key(name)}"


def lock(*keys):
    """Hold these keys until commit, in one order, so that whoever claims the company waits for the other."""
    numbers = [zlib.crc32(key.encode()) - 2**31 for key in sorted(set(keys))]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, n) FROM unnest(%s::int[]) AS n", [LOCK_SPACE, numbers]
        )


def lock_company(row):
    """Hold the company of the claim `row` as a report of it would."""
    name = row.company.name if row.company_id else row.lead.title
    lock(row.key, claim_key(name))


def holder(company, key):
    """The open claim on this company or key, or None."""
    open_claims = Claim.objects.open().select_related("unit", "lead__unit")
    found = open_claims.filter(key=key).order_by("claimed_at", "pk").first()
    return found or (open_claims.filter(company=company).first() if company else None)


class OnFile:
    """What is on file of companies, each question asked when it comes up; `rows` says how to read them."""

    def __init__(self, rows=None):
        self.rows = Company.objects.all() if rows is None else rows

    def same_as(self, name, uscc):
        """The companies that may be the one of this name and code, in the order of their keys."""
        return list(self.rows.same_as(name, uscc).order_by("pk"))

    def holder(self, company, key):
        """The open claim on this company or key, or None."""
        return holder(company, key)


def met(file, name, uscc="", investor=""):
    """(known companies, open claims) that a report by `name`, code and investor meets in `file` (an OnFile).

    An equal code decides. Else equal names are one project unless both investors are known and differ
    (domain §2.8); who does not say an investor means any.
    """
    found = file.same_as(name, uscc)
    exact = [company for company in found if uscc and company.uscc == uscc]
    key = claim_key(name, uscc, investor)
    holders = [(company, file.holder(company, key)) for company in (exact or found or [None])]
    if not exact:
        holders = [(one, claim) for one, claim in holders if not _is_of_other_investor(claim, investor)]
    return [one for one, _ in holders if one], [claim for _, claim in holders if claim]


def _is_of_other_investor(claim, investor):
    """Whether both sides name an investor, and not the same."""
    ours, theirs = company_key(investor), company_key(claim.lead.investor_name) if claim else ""
    return bool(ours and theirs) and ours != theirs


def held(name, uscc="", investor="", *, unit_id=None):
    """The open claim on the company a person of `unit_id` means by `name` (code, investor), or None.

    Held is also what a project of another unit has registered here.
    """
    found, claims = met(OnFile(), name, uscc, investor)
    return claims[0] if claims else registered_elsewhere(found, unit_id)


def contestable(name, uscc="", investor="", *, unit_id):
    """The claim `held` finds; of several, of one name with different investors, the one of a stranger.

    Raises ClaimRefused when strangers have several of them: nobody guesses which is meant.
    """
    _, claims = met(OnFile(), name, uscc, investor)
    theirs = [claim for claim in _side_by_side(claims) if is_stranger(unit_id, claim)]
    if len(theirs) > 1:
        units = "、".join(str(claim.unit) for claim in theirs)
        text = f"这个名称有 {len(theirs)} 条首报（{units}），请写明投资方或统一社会信用代码。"
        raise ClaimRefused(text, field="investor_name")
    return theirs[0] if theirs else held(name, uscc, investor, unit_id=unit_id)


def _side_by_side(claims):
    """These open claims and those that run beside them, the first to report first."""
    rows = Claim.objects.open().annotate(root=ROOT).select_related("unit", "lead__unit")
    rows = rows.filter(root__in=[claim.beside_id or claim.pk for claim in claims])
    return list(rows.order_by("claimed_at", "pk"))


def registered_elsewhere(companies, unit_id):
    """The open claim of another unit than `unit_id` whose project has registered one of `companies`, or None.

    Investor, lead and registered company may be three firms (domain §9): who brings one has them all.
    """
    found = Claim.objects.open().filter(lead__project__registered_company__in=companies)
    return found.exclude(lead__unit=unit_id).select_related("unit", "lead__unit").order_by("pk").first()


def of_others(name, uscc, investor, unit_id):
    """The open claim that another unit than `unit_id` has on the company of this name and code, or None."""
    found, claims = met(OnFile(), name, uscc, investor)
    theirs = (claim for claim in claims if claim.lead.unit_id != unit_id)
    return next(theirs, None) or registered_elsewhere(found, unit_id)


def may_expand(held, channel, by):
    """Whether `by` may record a lead from `channel` beside the open claims `held` on its company.

    Only as 存量增资扩产 of a firm the own unit holds with what has become a project (domain §2.5: a company
    may have many projects); before that it is the same lead told twice.
    """
    is_expansion = channel is not None and channel.code == EXPANSION and by.role != roles.PARTNER
    return is_expansion and all(one.lead.unit_id == by.unit_id and is_project(one) for one in held)


def expansion_under_way(held):
    """The claim of an expansion of the firm `held` that is no project yet, or None: one at a time."""
    covered = Claim.objects.filter(company=held.company_id, company__isnull=False, ended=Claim.Ended.COVERED)
    covered = covered.exclude(lead__stage__in=[LeadStage.ACCEPTED, LeadStage.DROPPED])
    return covered.select_related("unit", "lead__unit").first()


def claim(lead, key, *, at, is_covered=False):
    """Write the claim of a new lead; the caller has checked `holder` under the intake lock.

    `is_covered`: the own unit holds the company by another lead, and this claim waits under that one.
    """
    made = new_claim(lead, key, at=at, is_covered=is_covered)
    made.save()
    return made


def new_claim(lead, key, *, at, is_covered=False):
    """The claim that `claim` writes, not saved."""
    return Claim(
        released_at=at if is_covered else None,
        ended=Claim.Ended.COVERED if is_covered else "",
        lead_id=lead.pk,
        company_id=lead.company_id,
        key=key,
        unit_id=lead.unit_id,
        person_id=lead.reporter_id,
        claimed_at=at,
        protected_until=_protected_until(at),
        last_effective_at=at,
    )


def _protected_until(at, extra_days=0):
    return shanghai_day(at) + timedelta(days=number("protection_days") + extra_days)


def silent_until(claim, day):
    """The last day on which an effective follow-up keeps the claim; asked on `day`.

    The rule's day, or the later one that was announced when nobody was warned in time.
    """
    due = shanghai_day(claim.last_effective_at) + timedelta(days=number("silence_days"))
    if due >= day + timedelta(days=number("announcement_days")):
        return due
    return min(_announced(claim, SILENCE_WARNINGS, claim.last_effective_at, due), default=due)


def _announced(claim, kinds, since, due):
    """The last days of which somebody was warned since `since`, as far as they are not before `due`."""
    told = [one for one in claim.warnings.all() if one.kind in kinds and one.at >= since]
    return [one.due_on for one in told if one.due_on >= due]


@transaction.atomic
def extend(lead, *, by, at, reason):
    """Lengthen the protection of `lead` once by `extension_days`, and return the claim.

    Raises NotAllowed for all but its owner, the head of its unit and the bureau; ClaimRefused without a
    reason, the second time, after the end and while no days run; Gone when the lead was taken back.
    """
    require(by, "extend_claim", lead)
    Lead.objects.hold(lead.pk)
    row = Claim.objects.select_for_update().filter(lead=lead).first()
    _check_extension(row, shanghai_day(at), reason)
    row.extra_days += number("extension_days")
    row.extended_at = at
    row.protected_until = _protected_until(row.claimed_at, row.extra_days)
    row.save(update_fields=["extra_days", "extended_at", "protected_until"])
    text = f"保护延至 {row.protected_until:%Y-%m-%d}，理由：{reason.strip()}"
    row.note(ClaimEvent.Kind.EXTENDED, text, by=by, at=at)
    return row


def _check_extension(row, day, reason):
    if row is None or not row.is_open:
        raise ClaimRefused("首报保护已经结束，不能延期；没有别的单位首报时，记录一次有效跟进即可重新首报。")
    if row.clock != Claim.Clock.BOTH:
        raise ClaimRefused("这条线索已转为项目，首报不再按天数计算，不需要延期。")
    if _has_run_out(row, day):
        raise ClaimRefused(f"首报保护已于 {row.protected_until:%Y-%m-%d} 期满，不能再延期。")
    if row.extended_at:
        raise ClaimRefused(f"首报保护只能延期一次，{shanghai_day(row.extended_at):%Y-%m-%d} 已经延过。")
    if not reason.strip():
        raise ClaimRefused("请填写延期理由。", field="reason")


def _has_run_out(row, day):
    """Whether the protection is over and only the next pass has to say so.

    What is contested or was not announced still holds, however long ago the last day was.
    """
    if row.is_contested or row.protected_until >= day:
        return False
    return bool(_announced(row, [ClaimWarning.Kind.EXPIRY], row.claimed_at, row.protected_until))


def may_extend(claim, user, day):
    """Whether `user` could extend this open claim on `day`, given a reason."""
    if not may(user, "extend_claim", claim.lead):
        return False
    try:
        _check_extension(claim, day, "理由")
    except ClaimRefused:
        return False
    return True


def keep(lead, visit, *, at):
    """An effective follow-up: the silence ends, and a lapsed claim is taken up again while it is free."""
    row = hear(lead, visit.at)
    if row and visit.at >= row.released_at:
        renew(row, lead, visit.by, at)


def hear(lead, moment):
    """Let the silence of `lead` end with what was said at `moment`; returns the claim if it may be renewed.

    What is said of an expansion speaks for the claim which covers it, too.
    """
    mine = Claim.objects.filter(lead=lead)
    mine.follow_up(moment)
    PoolEntry.objects.running().filter(lead=lead, taken_at__lte=moment).update(followed_up_at=moment)
    row = mine.select_for_update(of=("self",)).filter(ended__in=RENEWABLE).first()
    if row and row.is_covered:
        Claim.objects.covering(row).follow_up(moment)
    return row


def renew(row, lead, by, at, why="有效跟进后重新首报"):
    """Claim the company again for the lead's unit from today; whoever reported it meanwhile goes first."""
    lock_company(row)
    if (
        lead.is_gone
        or holder(row.company_id, row.key)
        or registered_elsewhere([row.company_id], lead.unit_id)
    ):
        return
    try:
        with transaction.atomic():
            row.begin(unit=lead.unit, person=by, at=at, extended_at=row.extended_at)
    except IntegrityError:  # somebody reported the company this very moment
        return
    text = f"{why}，{protection(row)}"
    row.note(ClaimEvent.Kind.RENEWED, text, by=by, at=at)


def prolong(row, days, at):
    """The clocks of the claim stood still for `days`; the silence is counted from `at`."""
    row.extra_days += days
    row.protected_until = _protected_until(row.claimed_at, row.extra_days)
    row.last_effective_at = max(row.last_effective_at, at)
    row.save(update_fields=["extra_days", "protected_until", "last_effective_at"])


def _readers(lead, person):
    """The first reporter while his unit has the lead; after a hand-over those who answer for it now."""
    if person and person.is_active and person.unit_id == lead.unit_id:
        return [person]
    return [lead.owner] if lead.owner and lead.owner.is_active else responsible(lead.unit)


def tell_registered(claim, unit, at):
    """Tell who has the lead now, once per claim and unit, that `unit` registered its company."""
    for reader in _readers(claim.lead, claim.person):
        notify(
            reader,
            kind=Notification.Kind.CLAIM,
            key=f"registered:{claim.pk}:{unit.pk}",
            title=f"{unit}把「{claim.lead}」登记为项目的注册公司",
            body=f"这家企业由{claim.unit}首报，{protection(claim)}。请与{unit}或区投促局核对。",
            url=claim.lead.get_absolute_url(),
            at=at,
        )


def tell_holder(claim, *, by, at):
    """Tell who has the lead now that another unit met the same company: once per claim, unit and day.

    For the doors, after they caught AlreadyReported: the refused capture has been rolled back, so this
    notice commits on its own. `by` is the person or partner who was refused.
    """
    lead = claim.lead
    if by.unit_id == lead.unit_id:
        return
    first = "本单位" if claim.unit_id == lead.unit_id else claim.unit
    for reader in _readers(lead, claim.person):
        notify(
            reader,
            kind=Notification.Kind.CLAIM,
            key=f"claim:{claim.pk}:{by.unit_id}:{shanghai_day(at)}",
            title=f"{by.unit}也在接触「{lead}」",
            body=f"{first}首报{protection(claim)}，请尽快跟进。",
            url=lead.get_absolute_url(),
            at=at,
        )
