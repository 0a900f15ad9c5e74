"""行程小结: a trip is reported on within so many days of the return (domain §1.13).

Who led it is told before and after that day, once each.
"""

from datetime import timedelta

from crm.models import Notification
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.workdays import shanghai_day
from leads.models import Roadshow

MEMORY = timedelta(days=60)  # older trips are let rest
BODY = "请打开行程，点「行程小结」写好并提交：见了哪些企业，有什么结果，下一步做什么。"


def remind_trip_reports(at):
    """Tell of every trip whose report comes due or is overdue; running it again tells nobody twice."""
    day, days = shanghai_day(at), timedelta(days=number("trip_report_days"))
    notice = min(timedelta(days=number("pre_reminder_days")), days)
    trips = Roadshow.objects.filter(is_cancelled=False, summary="", ends_on__gte=day - MEMORY)
    near = trips.filter(ends_on__lte=day - days + notice)
    for trip in near.select_related("leader", "created_by", "unit"):
        is_late = trip.ends_on + days < day
        late, soon = f"返程已过 {days.days} 天，还没有小结", f"请在 {trip.ends_on + days} 前写好小结"
        _tell(trip, late if is_late else soon, is_late, at)


def _tell(trip, what, is_late, at):
    """Who led the trip, or else planned it; when it is late also who answers for the unit."""
    person = trip.leader or trip.created_by
    answering = responsible(trip.unit) if is_late or not person.is_active else []
    for reader in dict.fromkeys([*([person] if person.is_active else []), *answering]):
        notify(
            reader,
            kind=Notification.Kind.DIGEST,
            key=f"trip-report:{trip.pk}:{'late' if is_late else 'soon'}",
            title=f"{trip}：{what}",
            body=BODY,
            url=trip.get_absolute_url(),
            at=at,
        )
