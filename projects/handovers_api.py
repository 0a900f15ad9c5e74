"""The API's door to the 流转 of a project: it goes together with the lead it came of."""

from crm.api.idempotency import once
from crm.api.schema import operation
from leads.api_handovers import ANSWER, NOBODY, HandoverInput, HandoverViewSet
from projects.models import Project


class ProjectHandoverViewSet(HandoverViewSet):
    """流转."""

    actions = ["hand_over"]
    scopes = dict.fromkeys(actions, NOBODY)

    @operation(
        "提出移交项目",
        "把项目连同来源线索移交给另一个单位，等对方接收；挂起的照样挂起，流失的 400。其余与移交线索相同。",
        body=HandoverInput,
        status=201,
        **ANSWER,
    )
    @once
    def hand_over(self, request, pk):
        found = Project.objects.visible_to(request.user).filter(pk=pk).select_related("lead").first()
        return self.offer(found and found.lead)
