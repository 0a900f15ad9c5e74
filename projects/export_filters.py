"""What can be exported as a job: for each list its rows for a person and an address, and its writer."""

from dataclasses import dataclass

from django.http import QueryDict

from crm import exporting, lists, roles, rules
from crm.models import ExportJob, User
from crm.permissions import require
from crm.workdays import shanghai_day
from leads import exports as lead_exports
from leads.bulk import HANDS as LEADS
from leads.columns import LISTING as LEAD_LIST
from leads.columns import sheet_headers
from leads.filters import listed
from projects import chain, exports, firm_lists, gap_lists, reversing, seekers
from projects.bulk import HANDS as PROJECTS
from projects.chain_filters import ChainForm
from projects.columns import LISTING as PROJECT_LIST
from projects.commitment_filters import CommitmentFilter
from projects.delivery_filters import YearForm
from projects.delivery_lists import TITLES, behind, listing_of
from projects.filters import ProjectFilter
from projects.models import Fund, Policy, Project, Space
from projects.offers import Settled, offer_of
from projects.order_filters import OrderFilter
from projects.plain_lists import LISTS
from projects.referral_filters import ReferralFilter, TripFilter
from projects.reports import LINE
from projects.reverse_filters import ReverseFilter
from projects.space_filters import SpaceFilter
from projects.space_fit import described
from projects.stay_filters import asked_of, stays_behind

OFFERED = {Fund.FIELD: Fund, Policy.FIELD: Policy, "space": Space}
OF_PLAIN = {
    "promises": CommitmentFilter,
    "orders": OrderFilter,
    "spaces": SpaceFilter,
    "trips": TripFilter,
    "referrals": ReferralFilter,
}
OF_STAYS = ("of",)  # the stage that the address of 停留名单 names
OF_MATCHES = ("whose", "pk")  # what the address of a reverse list says besides its filters
DIGITS = 18
BESIDE = ("contacts", "purpose", "columns", "sort")  # what an export's address says besides the filters


@dataclass(frozen=True)
class _Asker:
    """Who asks, and for what: all that a filter set needs of a request."""

    user: User
    GET: QueryDict


def _leads(user, given, keys, at):
    if keys is not None:
        return LEADS.records(user).filter(pk__in=keys)
    return listed(_Asker(user, given), shanghai_day(at), given, BESIDE).rows()


def _projects(user, given, keys, at):
    if keys is not None:
        return PROJECTS.records(user).filter(pk__in=keys)
    visible, asker = Project.objects.visible_to(user), _Asker(user, given)
    return ProjectFilter(given, visible, request=asker, today=shanghai_day(at), also=BESIDE).rows()


def _write_leads(file, rows, by, at, purpose, given, tell):
    columns = sheet_headers(LEAD_LIST, lists.columns_of(LEAD_LIST, given.get("columns", "")))
    how = {"columns": columns, "order": lists.order_of(LEAD_LIST, given.get("sort", ""))}
    lead_exports.write(file, rows, by=by, at=at, purpose=purpose, tell=tell, **how)


def _write_projects(file, rows, by, at, purpose, given, tell):
    columns = sheet_headers(PROJECT_LIST, lists.columns_of(PROJECT_LIST, given.get("columns", "")))
    order = lists.order_of(PROJECT_LIST, given.get("sort", ""))
    exports.write(file, rows, by=by, at=at, columns=columns, order=order, tell=tell)


@dataclass(frozen=True)
class _Fitting:
    """What fits a fund, policy or space: its plan, what was judged, of whom, and what holds of all."""

    plan: rules.Plan
    standing: reversing.Standing
    pool: reversing.Pool
    settled: Settled | None


def _fitting(user, given, keys, at):
    if user.role not in roles.SEES_RECORDS:
        raise exporting.ExportRefused("您的账号不看项目和线索，不能导出这份名单。", code="not_allowed")
    plan, seen_by, settled = _asked(user, given, shanghai_day(at))
    seen, day = seen_by(user), shanghai_day(at)
    filters = ReverseFilter(
        given, seen.rows["project"], request=_Asker(user, given), today=day, also=OF_MATCHES
    )
    pool = filters.narrowed(seen)
    (standing,) = reversing.judged([plan], pool, day)
    if wanted := filters.form.cleaned_data["verdict"]:
        standing = standing.with_verdict(rules.VerdictCode(wanted))
    return _Fitting(plan, standing, pool, settled)


def _asked(user, given, day):
    """(plan, who is compared, what is settled) of what the address names, if `user` sees it."""
    model, pk = OFFERED.get(given.get("whose")), given.get("pk", "")
    rows = model.objects.visible_to(user) if model else None
    if rows is None or not pk.isdecimal() or len(pk) > DIGITS:
        raise exporting.ExportRefused("请从反向匹配的页面导出。")
    if model is Space:
        require(user, "see_spaces")
        one = described(rows).filter(pk=pk, state=Space.State.FREE).first()
        plan, settled = one and seekers.plan_of(one), None
    else:
        one = rows.filter(pk=pk).first()
        offer = one and offer_of(one, day)
        plan, settled = (offer.plan, offer.settled) if offer else (None, None)
    if plan is None:
        raise exporting.ExportRefused("它已经关闭、废止或不再空置，没有名单可以导出。")
    return plan, seekers.seeking if model is Space else reversing.seen_by, settled


def _write_fitting(file, found, by, at, purpose, given, tell):
    most, number = exports.EXPLAINED_MOST, len(found.standing.numbers)
    if number > most:
        raise exporting.ExportRefused(f"有 {number:,} 行，写明原因的表一次最多 {most:,} 行。请缩小筛选范围。")
    how = {"by": by, "at": at, "settled": found.settled, "tell": tell}
    exports.write_reverse(file, found.plan, found.standing, found.pool, **how)


def _stays(user, given, keys, at):
    require(user, "report")
    asker, stage = _Asker(user, given), given.get("of")
    if stage not in LINE:
        raise exporting.ExportRefused("请从漏斗的停留名单导出。")
    return stays_behind(stage, asked_of(asker, stage, today=shanghai_day(at), also=OF_STAYS))


def _write_stays(file, rows, by, at, purpose, given, tell):
    exports.write_stays(file, given["of"], rows, by=by, at=at, tell=tell)


def _delivery(user, given, keys, at):
    require(user, "report")
    given = given.copy()
    (kind, *more) = given.pop("of", [""])
    form = YearForm(given)
    if kind not in TITLES or more or not form.is_valid():
        raise exporting.ExportRefused("请从「签约与到位」里数字背后的名单导出。")
    return listing_of(behind(user, kind, form.asked(shanghai_day(at))))


def _gap(user, given, keys, at):
    require(user, "report")
    form = ChainForm(given, sectors=chain.sectors(shanghai_day(at)).values())
    if not form.is_valid() or not form.cleaned_data["sector"]:
        raise exporting.ExportRefused("请从「补链」里谁能补上的名单导出。")
    return gap_lists.listing_of(user, form.cleaned_data["sector"], form.cleaned_data["position"])


def _firms(user, given, keys, at):
    require(user, "report")
    return firm_lists.listing_of(user)


def _listing(rows):
    """The hands of a list whose `rows` come as a Listing."""

    def write(file, found, by, at, purpose, given, tell):
        exports.write_listing(file, found, by=by, at=at, tell=tell)

    return exporting.Hands(rows, write, lambda found: found.number)


def asked_of_plain(kind, asker, *, today):
    """The filter set of a plain list over what the `user` of `asker` sees; its GET holds the filters."""
    return OF_PLAIN[kind](asker.GET, LISTS[kind].visible(asker.user), request=asker, today=today)


def _plain(kind):
    """The hands of a list that is written as its page shows it (projects/plain_lists.py)."""

    def rows(user, given, keys, at):
        return asked_of_plain(kind, _Asker(user, given), today=shanghai_day(at)).rows()

    def write(file, rows, by, at, purpose, given, tell):
        LISTS[kind].write(file, rows, by=by, at=at, tell=tell)

    return exporting.Hands(rows, write)


HANDS = {
    ExportJob.Kind.LEADS: exporting.Hands(_leads, _write_leads),
    ExportJob.Kind.PROJECTS: exporting.Hands(_projects, _write_projects),
    ExportJob.Kind.REVERSE: exporting.Hands(
        _fitting, _write_fitting, lambda found: len(found.standing.numbers)
    ),
    ExportJob.Kind.STAYS: exporting.Hands(_stays, _write_stays),
    ExportJob.Kind.DELIVERIES: _listing(_delivery),
    ExportJob.Kind.CHAIN: _listing(_gap),
    ExportJob.Kind.FIRMS: _listing(_firms),
    **{kind: _plain(kind) for kind in LISTS},
}


def make(job, *, at):
    """Write the workbook of a job that waits for it."""
    exporting.make(HANDS, job, at=at)


def resume_all(at):
    """Make what waits or broke off; the schedule calls it, so a lost ring or a dead worker loses nothing."""
    exporting.resume_all(HANDS, at)
