"""照片 taken on a visit."""

from django.db import models


class VisitPhoto(models.Model):
    """A picture of a visit, without the place where it was taken; `data` is left out of lists."""

    visit = models.ForeignKey("leads.Visit", models.CASCADE, related_name="photos", verbose_name="拜访记录")
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("格式", max_length=5)
    size = models.PositiveIntegerField("字节数")
    digest = models.CharField("内容摘要", max_length=64)
    data = models.BinaryField("内容")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "拜访照片"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "digest"], name="visit_photo_once"),
        ]

    def __str__(self):
        return self.name
