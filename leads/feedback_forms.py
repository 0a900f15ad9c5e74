"""The form of 回音: it reads what people type and leaves every rule to the domain."""

from django import forms

from crm.forms import NamedForm, PlausibleDayField
from leads.feedback import LONGEST


class FeedbackForm(NamedForm):
    """给引荐人回音."""

    to = forms.CharField(label="回音对象", max_length=80)
    said_on = PlausibleDayField(label="回音日期")
    content = forms.CharField(label="说了什么", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))
