"""The forms of 督办: what is demanded until when, what was done, and the closing word."""

from django import forms

from crm.forms import DayField, NamedForm
from leads.forms import area


class OrderForm(NamedForm):
    """A new order."""

    demand = area(label="督办要求", rows=3, help_text="写清要办什么、办到什么程度；责任单位会原样看到。")
    due_on = DayField(label="办结期限")

    def clean_demand(self):
        demand = self.cleaned_data["demand"]
        if len(demand) > 300:
            raise forms.ValidationError("督办要求最多 300 字。")
        return demand


class AnswerForm(NamedForm):
    """What the unit did."""

    reply = area(label="办理情况", rows=5)


class ClosingForm(NamedForm):
    """The closing word of the issuer."""

    note = forms.CharField(label="办结意见", max_length=300, required=False)
