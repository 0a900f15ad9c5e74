"""The API's doors to 首报首谈: how a claim stands, and its extension."""

from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import BooleanField, Case, Value, When

from crm.api import inputs, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, operation
from crm.api.viewsets import ApiViewSet
from leads import claims
from leads.api import READ, WRITE, read
from leads.models import Claim, Lead

CLAIM = projection.Projection(
    "Claim",
    projection.number("lead", "lead_id", "线索编号"),
    *projection.term("unit", "首报单位"),
    projection.moment("claimed_at", "首报时间"),
    projection.day("protected_until", "保护至（计时为 both 时有效）"),
    projection.choice("clock", Claim.Clock.choices, "计时"),
    projection.flag("is_extended", about="是否已经延期"),
    projection.flag("is_contested", about="是否正在裁决冲突，裁决前不失效"),
    projection.moment("last_effective_at", "最近有效跟进，没有则为首报时间"),
    projection.flag("is_open", about="首报是否仍然有效"),
    projection.moment("released_at", "结束时间；仍有效为 null"),
    projection.choice("ended", Claim.Ended.choices, "结束原因；仍有效为空"),
)


class ExtensionInput(inputs.StrictSerializer):
    """Why the protection should last longer."""

    reason = inputs.Text(200, help_text="延期理由，必填")


def flag(**which):
    """Whether the row is `which`, as a column."""
    return Case(When(**which, then=Value(True)), default=Value(False), output_field=BooleanField())


class ClaimViewSet(ApiViewSet):
    """首报."""

    scopes = {"claim": READ, "extend_claim": WRITE}

    @operation("读取首报", "一条线索的首报：谁、何时、保护到哪天、是否已结束。", answer=CLAIM.serializer)
    def claim(self, request, pk):
        return self._answer(self._lead(pk))

    @operation(
        "延长首报保护",
        "延长一次，须写理由。只有负责人、单位负责人和区投促局可以；已经延过、已经期满或结束的 400。",
        body=ExtensionInput,
        answer=CLAIM.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def extend_claim(self, request, pk):
        lead = self._lead(pk)
        reason = read(ExtensionInput, request).get("reason", "")
        claims.extend(lead, by=request.user, at=self.now, reason=reason)
        return self._answer(lead)

    def _lead(self, pk):
        lead = Lead.objects.visible_to(self.request.user).filter(pk=pk).first()
        if lead is None:
            raise NotFound
        return lead

    def _answer(self, lead):
        rows = Claim.objects.filter(lead=lead).annotate(
            is_open=flag(released_at=None), is_extended=flag(extended_at__isnull=False)
        )
        found = CLAIM.entries(rows, self.request.user)
        if not found:
            raise NotFound
        return Response(
            {**found[0], "ended_label": Claim.objects.select_related("lead").get(lead=lead).ended_words}
        )
