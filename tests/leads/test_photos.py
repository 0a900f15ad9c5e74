"""照片 of a visit: known by their content, kept without the place, taken back with a trace."""

import struct
import zlib

import pytest

from django.urls import reverse

from crm.models import AuditEvent
from crm.photos import picture
from crm.uploads import PaperRefused
from leads.models import VisitPhoto
from tests import make

pytestmark = pytest.mark.django_db
TIFF = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0) + b"GPS 30.31N 120.14E"
TURNED = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
JFIF, PROFILE = b"JFIF\0\1\1\0\0\1\0\1\0\0", b"ICC_PROFILE\0\1\1colours"
SCANS = b"\xff\xda\0\2light\xff\0\xff\xd0and shade"


def segment(mark, body):
    return bytes([0xFF, mark]) + struct.pack(">H", len(body) + 2) + body


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PLACED = b"".join(
    [
        b"\xff\xd8",
        segment(0xE0, JFIF),
        segment(0xE1, b"Exif\0\0" + TIFF),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<GPS/>"),
        segment(0xE2, PROFILE),
        segment(0xFE, b"GPS"),
        segment(0xDB, b"table"),
        SCANS,
        segment(0xC4, b"\xff\xd9 between scans"),
        SCANS,
        b"\xff\xd9",
        b"a film with GPS behind the picture",
    ]
)


def test_a_photo_keeps_its_picture_and_which_way_up_it_is_but_not_its_place():
    kept = picture(make.photo("现场.jpg", PLACED)).data
    assert b"GPS" not in kept
    whole = [
        b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + TURNED),
        segment(0xE0, JFIF) + segment(0xE2, PROFILE) + segment(0xDB, b"table"),
        SCANS + segment(0xC4, b"\xff\xd9 between scans") + SCANS + b"\xff\xd9",
    ]
    assert kept == b"".join(whole)
    png = make.PNG[:33] + chunk(b"eXIf", TIFF) + chunk(b"tEXt", b"GPS") + make.PNG[33:] + b"GPS"
    assert picture(make.photo("现场.png", png)).data == make.PNG


def test_a_broken_photo_is_refused_in_words():
    for cut in range(3, len(PLACED) - 40, 3):
        with pytest.raises(PaperRefused, match="读不出来"):
            picture(make.photo("现场.jpg", PLACED[:cut]))


def test_a_photo_of_a_visit_is_shown_to_who_sees_the_lead_and_can_be_taken_back(as_, owner, outsider):
    lead = make.lead(owner, content="谈了选址", next_step="寄资料")
    visit = lead.visits.get()
    place = reverse("leads:photo_add", args=[lead.pk, visit.pk])
    browser = as_(owner)
    for refused in (make.photo("说明.docx", b"PK\x03\x04"), make.photo("假的.jpg", b"GIF89a"), None):
        answer = browser.post(place, {"paper": refused} if refused else {})
        assert answer.status_code == 400
    assert not VisitPhoto.objects.exists()
    for _ in range(2):
        assert browser.post(place, {"paper": make.photo()}).status_code == 302
    photo = visit.photos.get()
    shown = reverse("leads:photo", args=[lead.pk, photo.pk])
    assert shown in browser.get(lead.get_absolute_url()).content.decode()
    removal = reverse("leads:photo_remove", args=[lead.pk, photo.pk])
    assert removal in browser.get(lead.get_absolute_url()).content.decode()
    answer = browser.get(shown)
    assert (answer["Content-Type"], b"".join(answer.streaming_content)) == ("image/png", make.PNG)
    assert as_(outsider).get(shown).status_code == 404
    as_(owner).post(removal)
    assert not VisitPhoto.objects.exists()
    assert AuditEvent.objects.get(action="remove_photo").detail == {"file": "门口.png"}


def test_the_photos_of_a_talk_stand_on_the_page_of_the_project_too_and_are_changed_on_the_lead(as_, owner):
    project = make.project(owner)
    visit = project.lead.visits.first()
    browser = as_(owner)
    browser.post(reverse("leads:photo_add", args=[project.lead.pk, visit.pk]), {"paper": make.photo()})
    photo = VisitPhoto.objects.get()
    page = browser.get(project.get_absolute_url()).content.decode()
    assert f'src="{reverse("leads:photo", args=[project.lead.pk, photo.pk])}"' in page
    assert reverse("leads:photo_remove", args=[project.lead.pk, photo.pk]) not in page
