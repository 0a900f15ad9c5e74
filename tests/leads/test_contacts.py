"""Contacts on the page of a lead: adding, correcting after looking, and what the log keeps of it."""

import pytest

from crm.models import AuditEvent, Contact
from leads import contacts
from leads.contacts import Person
from tests import make

PHONE = "13800000001"
NEW = {"name": "周一鸣", "title": "总经理", "phone": "138 0000 0002", "email": "zhou@example.com"}


@pytest.fixture
def lead(owner):
    return make.lead(owner, contact_name="王海", contact_phone=PHONE)


def add(client, lead, **fields):
    given = {f"contact-{name}": value for name, value in {**NEW, **fields}.items()}
    return client.post(f"/leads/{lead.pk}/contact/", given)


def correct(client, lead, contact, seen=None, **fields):
    now = {**vars(Person.of(contact)), "seen": seen or Person.of(contact).mark(), **fields}
    given = {f"contact{contact.pk}-{name}": value for name, value in now.items() if value}
    return client.post(f"/leads/{lead.pk}/contact/{contact.pk}/", given)


def test_an_officer_adds_a_person_with_the_right_to_decide(as_, owner, lead):
    answer = add(as_(owner), lead, has_decision_right="on")
    assert answer.url == f"/leads/{lead.pk}/#contacts"
    one = Contact.objects.get(name="周一鸣")
    assert (one.company, one.unit, one.phone) == (lead.company, owner.unit, "13800000002")
    assert (one.title, one.email, one.has_decision_right) == ("总经理", "zhou@example.com", True)
    page = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert "138****0002" in page
    assert "13800000002" not in page
    lead.refresh_from_db()
    assert lead.contact.name == "王海"


def test_the_first_person_becomes_the_contact_of_the_lead(as_, owner):
    lead = make.lead(owner)
    add(as_(owner), lead)
    version = lead.version
    lead.refresh_from_db()
    assert (lead.contact.name, lead.version) == ("周一鸣", version + 1)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"name": ""}, "name", "请填写姓名。"),
        ({"phone": "12345"}, "phone", "手机号"),
        ({"email": "zhou"}, "email", "邮箱请写成 name@example.com 的样子。"),
        ({"name": "王海", "phone": PHONE}, "name", "已经登记过"),
    ],
)
def test_a_senseless_or_double_person_is_refused_at_the_field(as_, owner, lead, fields, field, words):
    answer = add(as_(owner), lead, **fields)
    assert answer.status_code == 400
    assert words in answer.context["contact_form"].errors[field][0]
    assert Contact.objects.count() == 1


def test_who_looked_at_the_numbers_may_correct_them(as_, owner, lead):
    client = as_(owner)
    shown = client.post(f"/leads/{lead.pk}/reveal/", {"contact": lead.contact_id}).content.decode()
    assert f'action="/leads/{lead.pk}/contact/{lead.contact_id}/"' in shown
    assert f'value="{PHONE}"' in shown
    answer = correct(client, lead, lead.contact, phone="13800000003", title="董事长")
    assert answer.url == f"/leads/{lead.pk}/#contacts"
    lead.contact.refresh_from_db()
    assert (lead.contact.name, lead.contact.phone, lead.contact.title) == ("王海", "13800000003", "董事长")
    event = AuditEvent.objects.get(action="correct_contact")
    assert (event.actor, event.subject_id) == (owner, lead.contact_id)
    assert event.detail["更正内容"] == ["职务", "电话"]
    assert "13800000003" not in str(event.detail)


def test_the_numbers_stand_in_no_form_before_one_looked(as_, owner, lead):
    page = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert PHONE not in page
    assert f"/contact/{lead.contact_id}/" not in page


def test_a_correction_over_that_of_a_colleague_is_refused(as_, owner, lead):
    seen = Person.of(lead.contact).mark()
    Contact.objects.filter(pk=lead.contact_id).update(phone="13900000009")
    answer = correct(as_(owner), lead, lead.contact, seen=seen, phone="13800000003")
    assert answer.status_code == 412
    assert "刚被别人更正过" in answer.content.decode()
    lead.contact.refresh_from_db()
    assert lead.contact.phone == "13900000009"
    assert not AuditEvent.objects.filter(action="correct_contact").exists()


def test_a_senseless_correction_stays_in_the_form_and_writes_nothing(as_, owner, lead):
    answer = correct(as_(owner), lead, lead.contact, phone="139")
    assert answer.status_code == 400
    assert "手机号「139」" in answer.content.decode()
    assert 'value="139"' in answer.content.decode()
    assert Contact.objects.get().phone == PHONE


def test_nothing_corrected_leaves_no_trace(as_, owner, lead):
    assert correct(as_(owner), lead, lead.contact).status_code == 302
    assert not AuditEvent.objects.exists()


def test_strangers_and_readers_neither_add_nor_correct(as_, lead, outsider, leader, auditor):
    for person, status in ((outsider, 404), (leader, 403), (auditor, 403)):
        assert add(as_(person), lead).status_code == status
        assert correct(as_(person), lead, lead.contact, name="乙").status_code == status
    for reader in (leader, auditor):
        assert "添加联系人" not in as_(reader).get(lead.get_absolute_url()).content.decode()
    assert Contact.objects.get().name == "王海"


def test_a_contact_of_another_lead_is_unknown_here(as_, owner, lead):
    other = make.lead(owner, contact_name="李明", contact_phone="13800000005")
    assert correct(as_(owner), lead, other.contact, name="乙").status_code == 404
    other.contact.refresh_from_db()
    assert other.contact.name == "李明"


def test_who_took_the_lead_over_corrects_the_contact_that_came_with_it(as_, station, owner):
    lead = make.lead(station, roadshow=make.roadshow(station), contact_name="王海", contact_phone=PHONE)
    lead.unit = owner.unit
    lead.save()
    assert [one.name for one in contacts.of_lead(lead)] == ["王海"]
    assert correct(as_(owner), lead, lead.contact, phone="13800000003").status_code == 302
    assert correct(as_(station), lead, lead.contact, phone="13800000004").status_code == 403
    lead.contact.refresh_from_db()
    assert lead.contact.phone == "13800000003"


def test_a_team_without_a_company_has_one_contact_its_own(as_, owner, lead):
    team = make.lead(owner)
    type(lead).objects.filter(pk__in=[lead.pk, team.pk]).update(company=None)
    assert add(as_(owner), team).status_code == 302
    team.refresh_from_db()
    assert (team.contact.name, team.contact.company) == ("周一鸣", None)
    assert "添加联系人" not in as_(owner).get(team.get_absolute_url()).content.decode()
    answer = add(as_(owner), lead)
    assert answer.status_code == 400
    assert "请先关联企业" in answer.content.decode()
    assert Contact.objects.count() == 2
