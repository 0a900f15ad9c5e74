"""The forms of 判重: they read what people choose and leave every rule to the domain."""

from django import forms

from crm.forms import NamedForm
from leads import merge_choices
from leads.models import DuplicatePair

TAKE = "gone"  # the value of the lead that goes


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
        self.differing = [one.name for one in merge_choices.differing(*pair.leads)]
        for one in merge_choices.differing(*pair.leads):
            self.fields[one.name] = _of_either(one, pair.leads)
        for lead in pair.leads:
            hidden = forms.IntegerField(initial=lead.version, required=False, widget=forms.HiddenInput)
            self.fields[f"seen{lead.pk}"] = hidden
        self.leads = pair.leads
        self.of_project = merge_choices.of_project(*pair.leads)
        if self.of_project:
            self._ask_for_project(pair)

    def _ask_for_project(self, pair):
        """Which value the project has from now on, where it says something else than the lead that goes."""
        for one in self.of_project.differing:
            self.fields[f"project_{one.name}"] = forms.ChoiceField(
                label=one.label,
                choices=[("", f"按项目现在的：{one.texts[0]}"), (TAKE, one.texts[1])],
                required=False,
                widget=forms.RadioSelect,
            )
        seen = forms.IntegerField(
            initial=self.of_project.project.version, required=False, widget=forms.HiddenInput
        )
        self.fields["seen_project"] = seen

    def choices(self):
        """The two questions that are answered by a tap."""
        return [self["verdict"], self["kept"]]

    def either(self):
        """The columns in which the two differ: which value stays."""
        return [self[name] for name in self.differing]

    def for_project(self):
        """The columns in which the project and the lead that goes differ."""
        return [self[f"project_{one.name}"] for one in self.of_project.differing] if self.of_project else []

    def hidden(self):
        """The versions that were compared."""
        return [self[name] for name in self.fields if name.startswith("seen")]

    def told(self):
        """What `judging.judge` takes."""
        given = self.cleaned_data
        seen = {lead.pk: given[f"seen{lead.pk}"] for lead in self.leads if given[f"seen{lead.pk}"]}
        chosen = {name: given[name] for name in self.differing if given[name]}
        asked = {name: given[name] for name in ("verdict", "kept", "reason")}
        return {**asked, "chosen": chosen, "seen": seen, **self._told_of_project()}

    def _told_of_project(self):
        if not self.of_project:
            return {}
        names = [one.name for one in self.of_project.differing]
        taken = [name for name in names if self.cleaned_data[f"project_{name}"]]
        return {"for_project": taken, "seen_project": self.cleaned_data["seen_project"]}


def _of_either(one, leads):
    choices = [("", "按保留的那条")]
    choices += [(lead.pk, text) for lead, text in zip(leads, one.texts, strict=True)]
    how = {"coerce": int, "empty_value": None, "required": False, "widget": forms.RadioSelect}
    return forms.TypedChoiceField(label=one.label, choices=choices, **how)


class UnmergeForm(NamedForm):
    """撤销合并."""

    reason = forms.CharField(label="撤销合并的理由", max_length=200)
