"""材料: the proofs of a project that its gates ask for."""

from django.db import models

from projects.models.projects import Project


class Evidence(models.Model):
    """A proof a gate asks for, with the day it happened and the day it counts (统计日期)."""

    class Kind(models.TextChoices):
        PROPOSAL = "proposal", "项目建议书与条款草案"
        DILIGENCE = "diligence", "尽职调查报告"
        DECISION = "decision", "决策会议纪要"
        FAIR_COMPETITION = "fair_competition", "公平竞争审查结论"
        LEGAL_REVIEW = "legal_review", "合法性审查意见"
        AGREEMENT = "agreement", "正式投资协议"
        COMMITMENTS = "commitments", "承诺清单"
        REGISTRATION = "registration", "营业执照（拱墅注册）"
        PREMISES = "premises", "租赁合同/产权证明"
        LAND_CONTRACT = "land_contract", "土地出让合同"
        CAPITAL = "capital", "到位资金凭证"
        CONSTRUCTION = "construction", "施工许可/开工认定"
        MOVE_IN = "move_in", "入驻证明（社保/税务）"
        OPERATION = "operation", "投产/营收/纳税证明"

        @classmethod
        def recorded_here(cls):
            """The kinds one records as papers: agreements, promises and receipts have tables of their own."""
            elsewhere = {cls.AGREEMENT, cls.COMMITMENTS, cls.CAPITAL}
            return [(kind.value, kind.label) for kind in cls if kind not in elsewhere]

    project = models.ForeignKey(Project, models.CASCADE, related_name="evidence", verbose_name="项目")
    kind = models.CharField("材料", max_length=20, choices=Kind)
    event_on = models.DateField("发生日期")
    counted_on = models.DateField("统计日期", null=True, blank=True)
    number = models.CharField("文号/编号", max_length=80, blank=True)
    amount_wan = models.DecimalField("金额（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "阶段材料"
        ordering = ["event_on", "pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.event_on}"
