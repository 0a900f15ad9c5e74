"""Numbers people quote: a prefix with the year and a sequence, given out one at a time."""

from django.db import connection


def next_number(model, field, prefix, width):
    """The number after the largest `prefix`+digits in `field` of `model`: GS2026-000012 → GS2026-000013.

    Call it inside the transaction that saves the row: a lock on the prefix keeps two from sharing a number.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [prefix])
    pattern = rf"^{prefix}\d{{{width}}}$"
    taken = model.objects.filter(**{f"{field}__startswith": prefix, f"{field}__regex": pattern})
    last = taken.order_by(f"-{field}").values_list(field, flat=True).first()
    following = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{following:0{width}d}"
