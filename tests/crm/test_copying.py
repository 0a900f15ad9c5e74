"""Many rows at once: what COPY and one UPDATE write is what `save` writes."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.copying import insert, rewrite
from crm.models import City, Company, Contact
from tests import make
from tests.make import NOW

WORDS = ["平常", "", "NULL", "a,b", "{}", 'say "so"', "back\\slash", "tab\there", "line\nbreak", "‘引’"]


def company(name, **fields):
    return Company(name=name, created_at=NOW, updated_at=NOW, **fields)


def test_words_of_an_array_are_kept_to_the_letter(db):
    rows = [
        company("甲", former_names=WORDS),
        company("乙", former_names=[]),
        company("丙", former_names=['"']),
    ]
    insert(rows)
    stored = {one.pk: one.former_names for one in Company.objects.all()}
    assert stored == {rows[0].pk: WORDS, rows[1].pk: [], rows[2].pk: ['"']}


def test_a_relation_to_what_had_no_key_yet_is_kept(db):
    firm, unit = company("甲"), make.unit()
    person = Contact(company=firm, unit=unit, name="沈一舟", created_at=NOW)
    insert([firm])
    insert([person])
    assert Contact.objects.get().company == firm


def test_changed_rows_are_written_by_one_statement_and_the_rest_of_them_stays(db):
    city = City.objects.get(code="440300")
    rows = [company("甲", former_names=WORDS), company("乙", uscc="91330105MADEMQ012G"), company("丙")]
    insert(rows)
    later = NOW + timedelta(microseconds=1)
    for one in rows[:2]:
        one.name, one.former_names, one.city, one.updated_at = f"新{one.name}", WORDS[::-1], city, later
        one.description = "没有叫它写"
    rows[1].uscc = None
    with CaptureQueriesContext(connection) as asked:
        rewrite(rows[:2], ["name", "former_names", "city", "uscc", "updated_at"])
        rewrite([], ["name"])
    assert len(asked) == 1
    stored = {one.pk: one for one in Company.objects.all()}
    for one in rows[:2]:
        found = stored[one.pk]
        assert (found.name, found.former_names, found.city) == (one.name, WORDS[::-1], city)
        assert (found.updated_at, found.uscc, found.description) == (later, None, "")
    assert (stored[rows[2].pk].name, stored[rows[2].pk].updated_at) == ("丙", NOW)
