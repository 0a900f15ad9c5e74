"""What the page of a project shows of its agreements, commitments and receipts (projects/loading.py)."""

from dataclasses import dataclass, field

from projects.agreements import Standing, standing
from projects.commitments import Keeping, keeping, warned
from projects.models.projects import LandingMode
from projects.receipts import ZERO, by_year


@dataclass
class Agreed:
    """Everything signed, promised and received of one project on one day."""

    agreements: list
    commitments: list
    receipts: list
    standing: Standing
    keeping: Keeping
    years: list = field(default_factory=list)
    is_beyond: bool = False  # more counts than the increment of a firm that expands

    @property
    def received_wan(self):
        return sum((year.amount_wan for year in self.years), ZERO)

    @property
    def is_uncounted(self):
        """Whether a formal agreement waits for its 统计日期."""
        return any(one.is_formal and not one.counted_on for one in self.agreements)


def agreed(project, day):
    """The Agreed of `project` on `day`; commitments carry their state as `on_day`, agreements their end."""
    agreements = list(project.agreements.all())
    replaced = {one.supersedes_id: one for one in agreements if one.supersedes_id}
    for one in agreements:
        one.replaced_by = replaced.get(one.pk)
    commitments = list(project.commitments.all())
    for one in commitments:
        one.on_day = one.state(day)
    warned(commitments, day)
    receipts = list(project.receipts.all())
    signed, kept = standing(agreements, day), keeping(commitments, day)
    is_beyond = project.landing_mode == LandingMode.EXPANSION and signed.amount_wan > (
        project.amount_wan or 0
    )
    return Agreed(agreements, commitments, receipts, signed, kept, by_year(receipts), is_beyond)
