"""What of a project may be shared with a fund: its basics and the facts known of it, each with its date."""

from crm import rules
from crm.rules import WrongValue
from crm.values import tells_contact
from crm.workdays import shanghai_day
from projects.known import facts
from projects.offers import vocabulary

BASICS = {"company": "企业全称", "city": "企业所在城市", "demands": "企业诉求"}


def shareable(project, day):
    """[{key, label, value, source, as_of}] of all that is known of `project` on `day`, in words.

    The values the matching reads, by the dictionary's keys, after the basics; notes and differing sources
    stay with the unit. What is unknown is not offered, nor a text that holds a telephone number or the like.
    """
    words = vocabulary()
    known = facts(project, day)
    read = [_fact(key, known[key], words, day) for key in rules.FIELDS if key in known]
    return [one for one in (*_basics(project, day), *read) if not _holds_contact(one)]


def _holds_contact(one):
    is_text = one["key"] in BASICS or rules.FIELDS[one["key"]].type == "text"
    return is_text and tells_contact(one["value"])


def _basics(project, day):
    as_of = str(min(shanghai_day(project.updated_at), day))
    values = {
        "company": project.company.name if project.company else "",
        "city": str(project.city) if project.city_id else "",
        "demands": project.demands,
    }
    return [
        {"key": key, "label": BASICS[key], "value": value, "source": "项目档案", "as_of": as_of}
        for key, value in values.items()
        if value
    ]


def _fact(key, fact, words, day):
    field = rules.FIELDS[key]
    try:
        value = field.brief(field.read(fact.value), words.get(key))
    except WrongValue:
        value = str(fact.value)
    as_of = str(min(fact.as_of, day)) if fact.as_of else None
    return {"key": key, "label": field.label, "value": value, "source": fact.source_label, "as_of": as_of}
