"""The API's door to the 资质 of a project's company."""

from leads.api_qualifications import LeadQualificationViewSet
from projects.models import Project


class ProjectQualificationViewSet(LeadQualificationViewSet):
    """项目的企业的资质."""

    scopes = {"qualifications": ("projects:read", "projects:read_all")}
    model = Project
