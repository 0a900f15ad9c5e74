"""The API's doors to the 资质 of a company: those of a project, and that there are no others."""

from rest_framework import serializers

from crm.api import inputs
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, operation
from crm.models import Fact
from leads.api import read
from leads.api_qualifications import LeadQualificationViewSet
from leads.models import Lead
from projects.checking import check_off, entry_of
from projects.facts_api import FACT, NOBODY, LeadFactViewSet
from projects.models import Project


class ProjectQualificationViewSet(LeadQualificationViewSet):
    """项目的企业的资质."""

    scopes = {"qualifications": ("projects:read", "projects:read_all")}
    model = Project


class CheckedInput(inputs.StrictSerializer):
    """When it was checked, by whom it is said, by what."""

    source = serializers.ChoiceField(Fact.Source.choices, help_text="来源：" + "、".join(Fact.Source.values))
    as_of = serializers.DateField(help_text="数据日期，不晚于今天：这一天企业的资质就是登记的这些")
    note = inputs.Text(120, help_text="依据，例如公示名单")


class LeadCheckedViewSet(LeadFactViewSet):
    """线索的企业没有其他资质."""

    scopes = {"check": NOBODY}
    model = Lead

    @operation(
        "核对资质：没有其他",
        "同页面的「已核对：没有其他资质」：把当天有效的证书登记为完整的清单（一项没有也可以），没有列出的就是没有。"
        "之后认定、登记的证书照样算，过期的不再算；十二个月后标为数据较旧。令牌不能核对。",
        body=CheckedInput,
        answer=FACT.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def check(self, request, pk):
        record, given = self._record(pk), read(CheckedInput, request)
        fact = check_off(record, entry_of(**given), by=request.user, at=self.now)
        return self._done(record, fact, 201)


class ProjectCheckedViewSet(LeadCheckedViewSet):
    """项目的企业没有其他资质."""

    model = Project
