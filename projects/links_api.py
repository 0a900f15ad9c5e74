"""The API's doors to the 企业关系 of a project's company."""

from leads.api_links import LeadLinkViewSet
from projects.models import Project


class ProjectLinkViewSet(LeadLinkViewSet):
    """项目的企业的上下游与引荐."""

    model = Project
