"""看板次序 of projects."""

from django.db import models

from crm.models.boards import BoardPlace


class ProjectPlace(BoardPlace):
    """Where one person put a project on the board."""

    RECORD = "project"

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="places", verbose_name="项目"
    )

    class Meta:
        verbose_name = verbose_name_plural = "项目看板次序"
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="project_place_of_person")]
