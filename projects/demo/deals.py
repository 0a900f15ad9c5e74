"""What the demo's projects signed, promised and received: by the domain's verbs, from seeds of its own."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile

from crm import roles
from crm.workdays import SHANGHAI, shanghai_day
from projects import agreements, commitments, receipts
from projects.agreements import Paper
from projects.commitments import Promise, Verdict
from projects.models import Commitment
from projects.receipts import Money
from projects.stages import LINE, ProjectStage

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
SIGNED = LINE[LINE.index(ProjectStage.SIGNED.value) :]
RECEIVED = LINE[LINE.index(ProjectStage.REGISTERED.value) :]
COMPANY, GOVERNMENT = Commitment.Side.COMPANY, Commitment.Side.GOVERNMENT
# side, item, metric, target, measure, days after signing
PROMISES = [
    (COMPANY, "注册资本按期实缴", "实缴资本", 500, "万元", 45),
    (GOVERNMENT, "交付装修完成的研发用房", "交付面积", 800, "㎡", 75),
    (COMPANY, "首年用工", "社保人数", 60, "人", 150),
    (COMPANY, "首个完整年度纳税", "入库税款", 300, "万元", 400),
]
# what becomes of a promise that is due: outcome, share of the target, reason
OUTCOMES = [
    ("fulfilled", 1.1, ""),
    ("fulfilled", 1.0, ""),
    ("fulfilled", 1.2, ""),
    ("partial", 0.6, "二期人员年底到岗，下季度复核"),
    ("waived", 0.0, "物业消防验收推迟，经区投促局同意不再考核"),
    ("", 0.0, ""),
    ("breached", 0.2, "企业融资未到位，已发函催办"),
]


class Deals:
    """Tells of every project from 签约 on; draws from seeds of its own, so that the story stays as it is."""

    def __init__(self, now, people):
        self.now, self.day = now, shanghai_day(now)
        self.people = list(people)
        self.manager = next(p for p in self.people if p.role == roles.MANAGER)

    def tell(self, projects):
        """Agreements, commitments and receipts of those of `projects` that came to 签约."""
        signed = [project for project in projects if project.stage in SIGNED]
        for place, project in enumerate(signed):
            self._tell(project, place, Random(f"deals {place}"))  # noqa: S311 (a demo, not a secret)

    def _tell(self, project, place, random):
        changes = project.changes.filter(stage__in=SIGNED).order_by("entered_at")
        on = shanghai_day(changes[0].entered_at)
        if place % 4 == 0:
            self._sign(project, "framework", "战略合作框架协议", on - timedelta(days=20), None, place)
        agreement = self._sign(project, "investment", "投资协议", on, project.amount_wan, place)
        if place % 5 == 1 and on + timedelta(days=60) < self.day:
            later = on + timedelta(days=60)
            self._sign(project, "supplement", "增资补充协议", later, Decimal(500), place)
        for side, item, metric, target, measure, days in PROMISES:
            due_on = on + timedelta(days=days)
            stated = Promise(
                side, item, due_on, metric, Decimal(target), measure, project.owner, self.manager
            )
            self._promise(agreement, stated, random)
        if place % 7 == 3 and on + timedelta(days=20) < self.day:
            self._sign_anew(project, agreement, on + timedelta(days=20), place)
        if project.stage in RECEIVED and project.amount_wan:
            self._receive(project, on, random)

    def _sign_anew(self, project, old, on, place):
        """The whole agreement once more: what it promised for later is promised in the new one."""
        new = self._sign(project, "investment", "投资协议（重签）", on, old.amount_wan, place, supersedes=old)
        left = old.commitments.filter(outcome="", due_on__gte=on).order_by("due_on")
        for row in left:
            stated = {name: getattr(row, name) for name in commitments.FIELDS}
            commitments.promise(new, Promise(**stated), by=project.owner, at=self._at(on))

    def _sign(self, project, kind, title, on, amount_wan, place, supersedes=None):
        company = project.company
        short = kind == "investment" and place % 6 == 2
        row = agreements.sign(
            project,
            Paper(
                kind=kind,
                title=f"{company.brand or company.name}{title}",
                signed_on=on,
                signer=company.name,
                signer_uscc=company.uscc or "",
                number=f"拱招〔{on.year}〕{kind[:1].upper()}{place + 1:02d}{'之二' if supersedes else ''}号",
                amount_wan=amount_wan,
                expires_on=self.day + timedelta(days=20) if short else on + timedelta(days=3 * 365),
                supervisor=self.manager.unit,
                supersedes=supersedes,
            ),
            by=project.owner,
            at=self._at(on),
            scan=SimpleUploadedFile("协议（示例）.pdf", PDF) if kind != "framework" else None,
        )
        confirmed = on + timedelta(days=5)
        if kind != "framework" and confirmed <= self.day:
            how = {"by": self.manager, "at": self._at(confirmed), "version": row.version}
            row = agreements.count(row, confirmed, **how)
        return row

    def _promise(self, agreement, stated, random):
        project = agreement.project
        row = commitments.promise(agreement, stated, by=project.owner, at=self._at(agreement.signed_on))
        outcome, share, reason = random.choice(OUTCOMES)
        judged_on = stated.due_on + timedelta(days=5)
        if not outcome or judged_on > self.day:
            return
        by = self._head(project) if outcome == "waived" else project.owner
        actual = stated.target * Decimal(str(share)) if share else None
        proof = f"核查单 {agreement.number}" if outcome in ("fulfilled", "partial") else ""
        commitments.judge(
            row, Verdict(outcome, judged_on, actual, proof, reason), by=by, at=self._at(judged_on)
        )

    def _receive(self, project, on, random):
        whole = project.amount_wan * random.choice([20, 35, 50]) / 100
        for n, (share, days) in enumerate([(60, 30), (40, 190)], start=1):
            received_on = on + timedelta(days=days)
            if received_on <= self.day:
                money = Money(
                    amount_wan=whole * share / 100,
                    received_on=received_on,
                    purpose=["注册资本实缴", "设备采购款"][n - 1],
                    proof=["audit", "bank"][n - 1],
                    proof_number=f"{project.code}-{n}",
                )
                receipts.receive(project, money, by=project.owner, at=self._at(received_on))

    def _head(self, project):
        heads = (p for p in self.people if p.role == roles.HEAD and p.unit_id == project.unit_id)
        return next(heads, self.manager)

    def _at(self, day):
        return min(datetime.combine(day, time(17, 0), tzinfo=SHANGHAI), self.now)
