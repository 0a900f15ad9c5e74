"""Codes and labels of the small vocabularies in one statement, instead of a join each in every query."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast

from crm.models import Carrier, Channel, City, FusionSector, FutureTrack, StageSetting, Unit

# kind → model and the columns of its key, code and label
KINDS = {
    "unit": (Unit, "pk", "code", "name"),
    "first_unit": (Unit, "pk", "code", "name"),
    "from_unit": (Unit, "pk", "code", "name"),
    "to_unit": (Unit, "pk", "code", "name"),
    "taken_unit": (Unit, "pk", "code", "name"),
    "channel": (Channel, "pk", "code", "name"),
    "sector": (FusionSector, "pk", "code", "name"),
    "tracks": (FutureTrack, "pk", "code", "name"),
    "carrier": (Carrier, "pk", "code", "name"),
    "city": (City, "code", "code", "name"),
    "stage": (StageSetting, "code", "code", "label"),
}


def load(kinds):
    """{kind: {key as text: (code, label)}} of the kinds asked for; one query, none for none."""
    found = {kind: {} for kind in kinds}
    parts = [_part(kind) for kind in found]
    if not parts:
        return found
    for kind, key, code, label in parts[0].union(*parts[1:], all=True):
        found[kind][key] = (code, label)
    return found


def _part(kind):
    model, *columns = KINDS[kind]
    texts = [Cast(column, CharField()) for column in columns]
    return model.objects.order_by().values_list(Value(kind, output_field=CharField()), *texts)
