"""The demo's waiting projects: some suspended, some half-way through their meetings, one pass taken back."""

from datetime import timedelta

from crm.workdays import shanghai_day
from projects.deciding import Passing, Withdrawal, course_of, record_pass, withdraw_pass
from projects.models import Project
from projects.stages import ProjectStage
from projects.suspending import resume, suspend

REASONS = ["等待土地挂牌", "等待总部董事会批准", "等待环评批复"]
EVERY = 6  # of the projects in 在谈 one in so many is suspended
HALF_WAY = 4  # projects in 评审决策 that have passed some of their meetings


class Pauses:
    """What waits, told over the projects of the story up to `now`."""

    def __init__(self, now, by):
        self.now, self.by = now, by

    def tell(self, projects):
        """Suspend some projects in 在谈 and take some in 评审决策 through their first meetings."""
        keys = [project.pk for project in projects]
        found = {stage: [] for stage in ProjectStage.values}
        for project in Project.objects.filter(pk__in=keys).order_by("pk"):
            found[project.stage].append(project)
        for number, project in enumerate(found["negotiating"][::EVERY]):
            self._suspend(project, number)
        for number, project in enumerate(self._to_be_decided(found["review"])[:HALF_WAY]):
            self._decide(project, number)

    def _suspend(self, project, number):
        at = max(self.now - timedelta(days=6 + number), project.entered_at)
        until = shanghai_day(self.now) + timedelta(days=9 + 14 * number)
        suspend(project, until=until, reason=REASONS[number % len(REASONS)], by=self.by, at=at)
        if number == 1:
            resume(project, by=self.by, at=max(self.now - timedelta(days=2), at))

    def _to_be_decided(self, projects):
        return [one for one in projects if course_of(one, shanghai_day(self.now)).stops]

    def _decide(self, project, number):
        """One or two meetings passed since the review began; the first project has one taken back again."""
        stops = course_of(project, shanghai_day(self.now)).stops[: 1 + number % 2]
        for stop in stops:
            day = shanghai_day(self.now) - timedelta(days=1)
            minutes = f"{stop.node.name}〔{day.year}〕{11 + number}号"
            passed = record_pass(project, Passing(stop.node.code, day, minutes), by=self.by, at=self.now)
        if number == 0:
            why = Withdrawal(shanghai_day(self.now), "租金条款调整，重新上会")
            withdraw_pass(passed, why, by=self.by, at=self.now)
