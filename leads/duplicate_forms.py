"""The forms of 判重: they read what people choose and leave every rule to the domain."""

from django import forms

from crm.forms import NamedForm
from leads.models import DuplicatePair


class JudgeForm(NamedForm):
    """判定 one pair: what it is and, when it is one project, which lead is kept."""

    verdict = forms.ChoiceField(label="判定", choices=DuplicatePair.Verdict.choices, widget=forms.RadioSelect)
    kept = forms.TypedChoiceField(
        label="保留哪一条", coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    reason = forms.CharField(label="理由（判为同一项目时必填）", max_length=200, required=False)

    def __init__(self, *args, pair, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = [(lead.pk, f"{lead}（{lead.unit}）") for lead in pair.leads]

    def choices(self):
        """The two questions that are answered by a tap."""
        return [self["verdict"], self["kept"]]


class UnmergeForm(NamedForm):
    """撤销合并."""

    reason = forms.CharField(label="撤销合并的理由", max_length=200)
