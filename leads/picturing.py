"""照片 of a visit: kept without the place where they were taken, and taken back by who may log visits."""

from django.db import transaction

from crm import audit
from crm.errors import Refused
from crm.permissions import require
from crm.photos import picture
from crm.uploads import PaperRefused
from leads.models import VisitPhoto

MOST = 20


class TooManyPhotos(Refused):
    """The visit has as many photos as one visit may have."""

    code = "invalid"


@transaction.atomic
def add(lead, visit, upload, *, by, at):
    """Keep the uploaded picture with `visit` of `lead`; the same picture again is the one that is there.

    Raises NotAllowed, PaperRefused, TooManyPhotos.
    """
    require(by, "log_visit", lead)
    if upload is None:
        raise PaperRefused("请选择照片。")
    if visit.photos.count() >= MOST:
        raise TooManyPhotos(f"一次拜访最多 {MOST} 张照片，请先删掉不用的。")
    file = picture(upload)
    row, _ = VisitPhoto.objects.get_or_create(
        visit=visit, digest=file.digest, defaults={"data": file.data, "by": by, "at": at, **file.columns()}
    )
    return row


@transaction.atomic
def remove(lead, photo, *, by, at):
    """Take a picture back (a wrong one, an unwilling person); the audit log keeps that it was there."""
    require(by, "log_visit", lead)
    audit.record(by, "remove_photo", lead, detail={"file": photo.name}, at=at)
    photo.delete()
