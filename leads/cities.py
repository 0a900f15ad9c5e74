"""Which source city the words of a sheet mean: 深圳市南山区 is 深圳, 江苏 is 江苏(未细分)."""

from crm.models import City

FORMER = {"下城": "拱墅", "江干": "上城"}  # folded into their neighbours in 2021; people still write them
WHOLE_PROVINCE = "{}(未细分)"


class Cities:
    """The list of cities, read once for a whole sheet."""

    def __init__(self):
        rows = list(City.objects.all())
        self.names = {city.name: city for city in rows}
        self.provinces = {city.province for city in rows}
        self.heads = {**self.names, **{old: self.names.get(new) for old, new in FORMER.items()}}

    def get(self, text):
        """The city that `text` (as `crm.values.city_name` leaves it) names or begins with; None for none of
        ours, and for two."""
        if not text:
            return None
        return self.names.get(text) or self._within(text)

    def _within(self, text):
        """The city that `text` begins with, its province aside; a district of that city on our list goes
        first, and a place of a province that is on it is at least of that."""
        province = next((one for one in self.provinces if text.startswith(one)), "")
        city, rest = self._head(text)
        if city is None and province:
            city, rest = self._head(text[len(province) :].lstrip("省市"))
        inner, _ = self._head(rest.lstrip("市"))
        if city and inner and inner.pk[:4] == city.pk[:4]:
            return inner
        if inner and inner.pk.endswith("00"):
            return None
        return city or self.names.get(WHOLE_PROVINCE.format(province))

    def _head(self, text):
        """(the city of the longest name that `text` begins with, what follows it)"""
        name = max((one for one in self.heads if text.startswith(one)), key=len, default="")
        return (self.heads[name], text[len(name) :]) if name else (None, "")
