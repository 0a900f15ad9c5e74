"""定期汇报: in 在谈 and 服务 somebody reports at intervals; here stands when the next report is due.

Domain §1.4 and §1.8. A report is a visit, call or meeting; before the first one the days count from the
entry into the stage.
"""

from django.db.models import (
    Case,
    CharField,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, TruncDate

from crm.numbers import number
from crm.workdays import SHANGHAI
from projects.models import Suspension
from projects.models.projects import Grade
from projects.stages import ProjectStage


def owing_reports(projects):
    """Those of `projects` that must report, with `report_interval` (calendar days) and `report_due_on`.

    Days for which the clock stood still are no silence. A suspended project owes nothing meanwhile.
    """
    last = TruncDate(reported_at(), tzinfo=SHANGHAI)
    rhythm = cadence()
    rows = projects.filter(stage__in=rhythm, suspended_until=None)
    rows = rows.annotate(last_report=last, grade_now=_grade()).annotate(report_interval=_interval(rhythm))
    due = ExpressionWrapper(last + F("report_interval") + _stood_since_report(), output_field=DateField())
    return rows.annotate(report_due_on=due)


def reported_at():
    """The moment of the last report; before the first one, of the entry into the stage."""
    return Coalesce("last_contact_at", "entered_at")


def cadence():
    """{stage: {grade: calendar days}} of the stages in which somebody must report; "" is any other grade."""
    negotiating = {
        Grade.A: number("report_days_a"),
        Grade.C: number("report_days_c"),
        "": number("report_days"),
    }
    return {
        ProjectStage.NEGOTIATING.value: negotiating,
        ProjectStage.AFTERCARE.value: {"": number("aftercare_days")},
    }


def _interval(rhythm):
    """The days of the stage and the grade."""
    whens = [
        When(stage=stage, **({"grade_now": grade} if grade else {}), then=Value(days))
        for stage, grades in rhythm.items()
        for grade, days in grades.items()
    ]
    return Case(*whens, output_field=IntegerField())


def _grade():
    """The grade in force, as `Project.level` says it row by row."""
    return Case(
        When(~Q(grade=""), then=F("grade")),
        When(amount_wan__gte=number("major_wan"), then=Value(Grade.A)),
        When(amount_wan__gte=number("grade_b_wan"), then=Value(Grade.B)),
        When(amount_wan__isnull=False, then=Value(Grade.C)),
        default=Value(""),
        output_field=CharField(),
    )


def _stood_since_report():
    """Whole days since the last report of a project for which its clock stood still: no days of silence.

    The day on which it stopped counts as run, the day on which it goes on does not, as for the stages.
    """
    ended = Suspension.objects.filter(project=OuterRef("pk"), ended_at__isnull=False)
    stopped = TruncDate("started_at", tzinfo=SHANGHAI)
    resumed = TruncDate("ended_at", tzinfo=SHANGHAI)
    whole = Func(
        Greatest(resumed, OuterRef("last_report")),
        Greatest(stopped, OuterRef("last_report")),
        template="sum(%(expressions)s)::integer",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
    return Coalesce(Subquery(ended.order_by().annotate(whole=whole).values("whole")), 0)
