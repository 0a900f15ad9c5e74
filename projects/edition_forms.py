"""The form beside criteria: from which day, by which document, and what a policy gives."""

import json
from dataclasses import fields
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError

from crm import values
from crm.forms import NamedForm, PlausibleDayField, ValueField
from crm.rules import FIELDS
from crm.rules.drafting import as_number
from crm.rules.estimates import KINDS
from projects.publishing import Edition

COUNTED = {"money": "金额", "number": "数量"}
LONGEST = 20_000
ROWS = ("t1", "t2", "t3")
SIZES = {
    "small": ("小微企业", ["micro", "small"]),
    "sme": ("中小微企业", ["micro", "small", "medium"]),
    "large": ("大型企业", ["large"]),
}


class EditionForm(NamedForm):
    """From which day the version is in force and by which document."""

    valid_from = PlausibleDayField(label="生效日期")
    source = forms.CharField(label="来源文件", max_length=200)
    source_date = PlausibleDayField(label="文件日期", required=False)
    is_example = forms.BooleanField(label="示例条件（不是正式公布的条件）", required=False)

    @classmethod
    def names(cls):
        """Everything the form posts."""
        return list(cls.base_fields)

    @classmethod
    def begun(cls, newest, today):
        """What the form shows at first, as it is typed: of the newest version, in force from today."""
        if newest is None:
            return {"valid_from": str(today), "source": "", "source_date": "", "is_example": ""}
        return {
            "valid_from": str(today),
            "source": newest.source,
            "source_date": str(newest.source_date or ""),
            "is_example": "on" if newest.is_example else "",
        }

    def edition(self):
        names = {one.name for one in fields(Edition)}
        return Edition(**{name: value for name, value in self.cleaned_data.items() if name in names})


def _countable():
    """What an amount can be reckoned by, in groups."""
    asked = [field for field in FIELDS.values() if not (field.is_note_only or field.is_need)]
    return [("", "不按数据计算")] + [
        (word, [(field.key, field.label) for field in asked if field.type == kind])
        for kind, word in COUNTED.items()
    ]


class TierForm(NamedForm):
    """One tier of an estimate: how much, and for which firms only."""

    kind = forms.ChoiceField(label="怎样计算", required=False, choices=[("", "没有这一档"), *KINDS.items()])
    figure = forms.CharField(label="比例（%）或金额（万元）", required=False, max_length=20)
    of = forms.ChoiceField(label="按哪项数据", required=False, choices=_countable)
    size = forms.ChoiceField(
        label="只给",
        required=False,
        choices=[("", "不限规模"), *((code, label) for code, (label, _) in SIZES.items())],
    )
    upto = forms.CharField(label="这项数据不超过", required=False, max_length=20)
    clause = forms.CharField(label="出自哪一条", required=False, max_length=200)

    def tier(self):
        """The tier as it is published, None when the row is empty."""
        return _tier(self.cleaned_data) if self.cleaned_data["kind"] else None


PARTS = tuple(TierForm.base_fields)


class PolicyEditionForm(EditionForm):
    """For a policy also until when, and what it gives: in words, and how the amount is estimated.

    Tiers for firms of a size or up to an amount fill `tier_forms`; any others stand as JSON.
    """

    valid_to = PlausibleDayField(label="失效日期", required=False)
    benefit = forms.CharField(
        label="支持内容", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    cap_wan = ValueField(label="单家每年上限（万元）", reads=values.amount_wan)
    tiers = forms.CharField(
        label="以 JSON 写全部分档（填了就以它为准）",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        shown = initial or {}
        self.tier_forms = [
            TierForm(data, prefix=row, initial={name: shown.get(f"{row}-{name}", "") for name in PARTS})
            for row in ROWS
        ]

    @classmethod
    def names(cls):
        return [*super().names(), *(f"{row}-{name}" for row in ROWS for name in PARTS)]

    @classmethod
    def begun(cls, newest, today):
        shown = dict.fromkeys(cls.names(), "") | super().begun(newest, today)
        if newest is None:
            return shown
        cap = newest.cap_wan
        shown |= {"benefit": newest.benefit, "cap_wan": "" if cap is None else f"{cap.normalize():f}"}
        return shown | _typed(newest.tiers)

    def clean(self):
        """The tiers the fields describe; what they amount to is checked when it is published."""
        given = super().clean()
        if text := given.get("tiers"):
            given["tiers"] = self._listed(text)
        elif all(form.is_valid() for form in self.tier_forms):
            given["tiers"] = [tier for form in self.tier_forms if (tier := form.tier())]
        else:
            self.add_error("tiers", ValidationError("分档里有填错的地方，见那一档。"))
        return given

    def _listed(self, text):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            self.add_error("tiers", ValidationError("不是正确的 JSON，请检查逗号、引号和括号。"))
            return []


def _tier(typed):
    kind, of = typed["kind"], typed["of"]
    tier = {"kind": kind, "clause": typed["clause"]}
    tier |= {"rate" if kind == "rate" else "amount_wan": _number(typed["figure"])}
    tier |= {} if kind == "fixed" else {"of": of}
    demands = []
    if typed["size"]:
        demands.append({"field": "size_class", "op": "in", "value": SIZES[typed["size"]][1]})
    if typed["upto"]:
        unit = FIELDS[of].unit if of else ""
        demands.append({"field": of, "op": "lte", "value": _number(typed["upto"]), "unit": unit})
    return {**tier, "when": {"all": demands}} if demands else tier


def _number(text):
    """A plain number as JSON holds it; anything else as it was typed, for publishing to complain of."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return as_number(number) if number.is_finite() and abs(number) < Decimal(10) ** 18 else text


def _typed(tiers):
    """The tiers as the fields show them: in rows, or as JSON where rows cannot say them."""
    found = [_shown(one) for one in tiers]
    if len(tiers) > len(ROWS) or None in found:
        return {"tiers": json.dumps(tiers, ensure_ascii=False, indent=2)}
    return {f"{row}-{name}": one[name] for row, one in zip(ROWS, found, strict=False) for name in PARTS}


def _shown(tier):
    """One sound tier as a row, None when the row would not give back just this."""
    demands = {one.get("field"): one for one in tier.get("when", {}).get("all", [])}
    of, codes = tier.get("of", ""), demands.get("size_class", {}).get("value")
    shown = {
        "kind": tier["kind"],
        "figure": str(tier.get("rate", tier.get("amount_wan", ""))),
        "of": of,
        "size": next((size for size, (_, known) in SIZES.items() if known == codes), ""),
        "upto": str(demands.get(of, {}).get("value", "")),
        "clause": tier["clause"],
    }
    return shown if _tier(shown) == tier else None
