"""The form beside criteria: from which day, by which document, and what a policy gives."""

import json

from django import forms
from django.core.exceptions import ValidationError

from crm import values
from crm.forms import NamedForm, PlausibleDayField, ValueField
from crm.rules import FIELDS
from crm.rules.estimates import KINDS
from projects.publishing import Edition

TIERED = "tiered"
COUNTED = {"money": "金额", "number": "数量"}
LONGEST = 20_000


class EditionForm(NamedForm):
    """From which day the version is in force and by which document."""

    valid_from = PlausibleDayField(label="生效日期")
    source = forms.CharField(label="来源文件", max_length=200)
    source_date = PlausibleDayField(label="文件日期", required=False)
    is_example = forms.BooleanField(label="示例条件（不是正式公布的条件）", required=False)

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
        return Edition(**self.cleaned_data)


def _countable():
    """What an amount can be reckoned by, in groups."""
    return [("", "不按数据计算")] + [
        (
            word,
            [
                (key, f.label)
                for key, f in FIELDS.items()
                if f.type == type_ and not (f.is_note_only or f.is_need)
            ],
        )
        for type_, word in COUNTED.items()
    ]


class PolicyEditionForm(EditionForm):
    """For a policy also until when, and what it gives: in words, and how the amount is estimated."""

    valid_to = PlausibleDayField(label="失效日期", required=False)
    benefit = forms.CharField(
        label="支持内容", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    cap_wan = ValueField(label="单家每年上限（万元）", reads=values.amount_wan)
    kind = forms.ChoiceField(
        label="估算方法", required=False, choices=[("", "不估算"), *KINDS.items(), (TIERED, "分档")]
    )
    figure = forms.CharField(label="比例（%）或金额（万元）", required=False, max_length=20)
    of = forms.ChoiceField(label="按哪项数据", required=False, choices=_countable)
    clause = forms.CharField(label="出自哪一条", required=False, max_length=200)
    tiers = forms.CharField(
        label="分档（JSON）", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8})
    )

    @classmethod
    def begun(cls, newest, today):
        empty = dict.fromkeys(
            ("valid_to", "benefit", "cap_wan", "kind", "figure", "of", "clause", "tiers"), ""
        )
        shown = super().begun(newest, today) | empty
        if newest is None:
            return shown
        cap = newest.cap_wan
        shown |= {"benefit": newest.benefit, "cap_wan": "" if cap is None else f"{cap.normalize():f}"}
        return shown | _typed(newest.tiers)

    def clean(self):
        """The tiers the fields describe; what they amount to is checked when it is published."""
        given = super().clean()
        kind = given.get("kind")
        if kind == TIERED:
            given["tiers"] = self._listed(given.get("tiers", ""))
        elif kind:
            given["tiers"] = [_tier(given)]
        else:
            given["tiers"] = []
        return given

    def _listed(self, text):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            self.add_error("tiers", ValidationError("不是正确的 JSON，请检查逗号、引号和括号。"))
            return []

    def edition(self):
        kept = {name: value for name, value in self.cleaned_data.items() if name not in _SPOKEN}
        return Edition(**kept)


_SPOKEN = ("kind", "figure", "of", "clause")


def _tier(given):
    name = "rate" if given["kind"] == "rate" else "amount_wan"
    tier = {"kind": given["kind"], name: given.get("figure", ""), "clause": given.get("clause", "")}
    return tier if given["kind"] == "fixed" else {**tier, "of": given.get("of", "")}


def _typed(tiers):
    """The tiers as the fields show them; several, or one for some firms only, stand as JSON."""
    if not tiers:
        return {}
    if len(tiers) > 1 or not isinstance(tiers[0], dict) or "when" in tiers[0]:
        return {"kind": TIERED, "tiers": json.dumps(tiers, ensure_ascii=False, indent=2)}
    one = tiers[0]
    figure = one.get("rate", one.get("amount_wan", ""))
    return {
        "kind": one.get("kind", ""),
        "figure": str(figure),
        "of": one.get("of", ""),
        "clause": one.get("clause", ""),
    }
