"""From negotiation to aftercare: projects with their evidence, funds and matches."""

from projects.models.funds import CriteriaVersion, Fund, Match
from projects.models.projects import Evidence, Project, ProjectStageChange
from projects.models.reminders import ReminderSent

__all__ = ["CriteriaVersion", "Evidence", "Fund", "Match", "Project", "ProjectStageChange", "ReminderSent"]
