"""What is no more: messages outlive the records they tell of, and a link to nothing helps nobody."""

import re

from crm.models import FieldChange

RECORD = re.compile(r"/(?P<place>leads|projects)/(?P<key>\d{1,18})/")
KINDS = {"leads": "leads.lead", "projects": "projects.project"}


def removed(addresses):
    """Those of `addresses` that lead to a lead or project removed since, as the database wrote it down."""
    places = {address: RECORD.match(address) for address in addresses}
    records = {
        address: (KINDS[place["place"]], str(int(place["key"]))) for address, place in places.items() if place
    }
    if not records:
        return frozenset()
    keys = {key for _, key in records.values()}
    rows = FieldChange.objects.filter(kind__in=KINDS.values(), record_key__in=keys, is_removal=True)
    gone = set(rows.order_by().values_list("kind", "record_key"))
    return frozenset(address for address, record in records.items() if record in gone)


def mark_removed(notifications):
    """Set `is_removed` on each message and `removed` on each of its items whose record is no more."""
    told = [(one, [item for item in one.items if item.get("url")]) for one in notifications]
    found = removed({one.url for one, _ in told} | {item["url"] for _, items in told for item in items})
    for one, items in told:
        one.is_removed = one.url in found
        for item in items:
            item["removed"] = item["url"] in found
