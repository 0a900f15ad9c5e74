"""The form of a policy's record: it reads what people type; the domain judges it."""

from django import forms

from crm import values
from crm.forms import DayField, ValueField
from projects.models import Policy
from projects.offer_forms import OfferForm
from projects.policies import Entry
from projects.rule_forms import LinesField


class PolicyForm(OfferForm):
    """One policy."""

    kind_of_entry = Entry
    level = forms.ChoiceField(label="层级", choices=Policy.Level.choices)
    status = forms.ChoiceField(label="状态", choices=Policy.Status.choices)
    status_note = forms.CharField(label="状态说明", max_length=200, required=False)
    issuer = forms.CharField(label="发布单位", max_length=80, required=False)
    number = forms.CharField(label="文号", max_length=60, required=False)
    issued_on = DayField(label="发文日期", required=False)
    budget_wan = ValueField(label="每年资金总额（万元）", reads=values.amount_wan)
    office = forms.CharField(label="受理部门", max_length=80, required=False)
    window_from = DayField(label="申报开始", required=False)
    window_to = DayField(label="申报截止", required=False)
    window_note = forms.CharField(label="申报时间说明", max_length=200, required=False)
    documents = LinesField(label="申报材料，一行一项")
