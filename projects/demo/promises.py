"""What the demo's deals promise, how the reviewer judged it, and what the leaders asked to be done."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from crm import roles
from crm.workdays import shanghai_day
from projects import bases, incentives, reviewing, supervising
from projects.bases import Entry
from projects.demo.deals import PDF
from projects.models import BasisClause
from projects.reviewing import Verdict
from projects.stages import BEFORE_SIGNING

COMPUTE = {
    "kind": "compute",
    "text": "按年度算力合同额的 30% 给予算力券，单家企业每年不超过 800 万元，凡符合条件的企业同等享受。",
    "scope": "all",
    "basis": "算力券实施细则（示例文件第 12 号）第三条",
    "amount_wan": Decimal(240),
    "cap_wan": Decimal(800),
    "budget_source": "市级算力券专项资金",
}
RENT = {
    "kind": "rent",
    "text": "入驻研发用房前两年租金补助 50%，每年不超过 60 万元，凡符合条件的企业同等享受。",
    "scope": "all",
    "basis": "科创载体租金补助办法（示例文件第 8 号）第五条",
    "amount_wan": Decimal(120),
    "cap_wan": Decimal(120),
    "budget_source": "区产业扶持专项资金",
}
TAXED = {
    "kind": "other",
    "text": "前三年按企业对地方经济贡献的 70% 给予扶持，十年内不得迁出本区。",
    "scope": "single",
}
UNKNOWN = {
    **RENT,
    "text": "入驻企业第三年租金另补助 20 万元，凡符合条件的企业同等享受。",
    "basis": "楼宇租金叠加补助办法（示例文件第 21 号）第二条",
    "amount_wan": Decimal(20),
    "cap_wan": Decimal(20),
}
EXAMPLE = "演示用的示例文件，不是真实政策。"
BASES = (
    Entry(
        "算力券实施细则",
        "示例文件第 12 号",
        "第三条",
        "拱墅区",
        ("compute",),
        ("算力",),
        Decimal(30),
        Decimal(800),
        summary=EXAMPLE,
    ),
    Entry(
        "科创载体租金补助办法",
        "示例文件第 8 号",
        "第五条",
        "拱墅区",
        ("rent",),
        ("租金",),
        Decimal(50),
        Decimal(120),
        summary=EXAMPLE,
    ),
)
CLEARED = Verdict("conforms", "依据公开政策，条件对所有企业相同，未超过上限。")
REFUSED = Verdict(
    "violates", "与经济贡献挂钩、只给一家企业，并限制迁出，没有依据。请删除或改按公开政策执行。"
)
DEMANDS = ("请一周内约见企业决策人，反馈落地时间表。", "请会同载体方解决用电扩容，明确完成日期。")


class Promises:
    """Tells of deals before their signature; by the domain's verbs alone."""

    def __init__(self, now, people):
        self.now = now
        self.people = list(people)
        self.reviewer = self._of(roles.REVIEWER)

    def tell(self, projects):
        """Items of the first open deals: concluded, waiting, refused; and a 督办单 answered and one open."""
        open_deals = [project for project in projects if project.stage in BEFORE_SIGNING and project.owner]
        concluded, waiting, refused, *others = open_deals[:5]
        self._know()
        self._conclude(concluded, [self._draft(concluded, COMPUTE), self._draft(concluded, RENT)])
        self._draft(waiting, COMPUTE)
        self._draft(waiting, UNKNOWN)
        item = self._draft(refused, TAXED)
        reviewing.review(item, REFUSED, digest=item.digest, by=self.reviewer, at=self.now)
        self._supervise(others)

    def _know(self):
        """The demo's own documents in the 依据库, once; the starting rows stay unread."""
        day = shanghai_day(self.now) - timedelta(days=30)
        for entry in BASES:
            if not BasisClause.objects.filter(document=entry.document).exists():
                bases.add(replace(entry, read_on=day), by=self._of(roles.MANAGER), at=self.now)

    def _of(self, role):
        return next(person for person in self.people if person.role == role)

    def _draft(self, project, content):
        return incentives.draft(project, content, by=project.owner, at=self.now - timedelta(days=6))

    def _conclude(self, project, items):
        at = self.now - timedelta(days=2)
        for item in items:
            reviewing.review(item, CLEARED, digest=item.digest, by=self.reviewer, at=at)
        numbers = {"number": "公审（示例）12 号", "legal_number": "合审（示例）9 号"}
        paper = SimpleUploadedFile("合法性审查意见（示例）.pdf", PDF)
        reviewing.conclude(project, **numbers, paper=paper, by=self.reviewer, at=at)

    def _supervise(self, projects):
        leader = self._of(roles.LEADER)
        at, day = self.now - timedelta(days=3), shanghai_day(self.now)
        for place, (project, demand) in enumerate(zip(projects, DEMANDS, strict=False)):
            due_on = day + timedelta(days=4 + place)
            order = supervising.issue(project, demand=demand, due_on=due_on, by=leader, at=at)
            if place == 0:
                supervising.answer(
                    order, text="已约本周五面谈，企业提交了时间表。", by=project.owner, at=self.now
                )
