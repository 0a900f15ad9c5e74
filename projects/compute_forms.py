"""The forms of compute: an offer of a base, and what a project asks for; the domain judges them."""

from django import forms

from crm import values
from crm.forms import NamedForm, PlausibleDayField, ValueField
from crm.opened_forms import Opened
from crm.rules.dictionary import COMPUTE_KINDS, COMPUTE_SERVES, COMPUTE_UNITS, DOMESTIC
from projects.compute import Demand, Entry
from projects.models import ComputeOffer
from projects.space_forms import decimal, need_all, shown, unsure


class OfferForm(Opened):
    """One offer; `row` is the one being changed."""

    base = forms.CharField(label="算力基地", max_length=40)
    operator = forms.CharField(label="运营单位", max_length=80)
    site = forms.CharField(label="机房位置", max_length=80, required=False)
    unit = forms.ChoiceField(label="计量单位", choices=[("", "请选择"), *COMPUTE_UNITS.items()])
    serves = forms.ChoiceField(
        label="用于", choices=[("", "没有登记"), *COMPUTE_SERVES.items()], required=False
    )
    capacity = decimal("compute_amount", "总量")
    free = decimal("compute_amount", "空闲")
    price_monthly = decimal("compute_payable", "参考价（元/单位/月）")
    is_domestic = unsure("国产", "是", "否", "没有登记")
    as_of = PlausibleDayField(label="数据日期", required=False)
    source = forms.CharField(label="来源", max_length=120, help_text="例如运营单位月报")
    valid_from = PlausibleDayField(label="有效期自", required=False)
    valid_to = PlausibleDayField(label="有效期至（当天仍有效）", required=False)
    note = forms.CharField(label="说明", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, row=None, **kwargs):
        names = (*Entry.__dataclass_fields__, "version")
        kwargs.setdefault("initial", shown(row, names) if row else {})
        super().__init__(*args, **kwargs)
        need_all(self, "capacity", "free", "as_of")

    def entry(self):
        return Entry(**{name: self.cleaned_data[name] for name in Entry.__dataclass_fields__})


class DemandForm(Opened):
    """What a project asks for."""

    kind = forms.ChoiceField(label="用于", choices=[("", "没有谈到"), *COMPUTE_KINDS.items()], required=False)
    unit = forms.ChoiceField(
        label="计量单位", choices=[("", "没有谈到"), *COMPUTE_UNITS.items()], required=False
    )
    amount = decimal("compute_amount", "数量")
    months = forms.IntegerField(label="使用月数", required=False, min_value=1, max_value=1200)
    starts_on = PlausibleDayField(label="起用日期", required=False)
    domestic = forms.ChoiceField(
        label="国产要求", choices=[("", "没有谈到"), *DOMESTIC.items()], required=False
    )
    budget_wan = ValueField(label="预算（万元，全部月份合计）", reads=values.amount_wan)
    note = forms.CharField(label="说明", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, project, row=None, **kwargs):
        names = Demand.__dataclass_fields__
        kwargs.setdefault("initial", {**(shown(row, names) if row else {}), "version": project.version})
        super().__init__(*args, **kwargs)

    def asked(self):
        return Demand(**{name: self.cleaned_data[name] for name in Demand.__dataclass_fields__})


class ChooseForm(NamedForm):
    """The offer a project means to use; empty for none."""

    offer = forms.ModelChoiceField(ComputeOffer.objects.none(), label="算力供给", required=False)

    def __init__(self, *args, offers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["offer"].queryset = offers
