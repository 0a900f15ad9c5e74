"""The days people state on agreements, promises, proofs and money: of plausible years, at every door."""

from crm.values.dates import FIRST_YEAR, LAST_YEAR, is_plausible


def check_year(day, label, refused, *, field):
    """Raise `refused` at `field`, in the words of the forms, for a day whose year cannot be meant."""
    if day is not None and not is_plausible(day):
        raise refused(f"{label}要在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间，请核对年份。", field=field)
