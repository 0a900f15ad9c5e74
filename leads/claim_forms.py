"""The forms of 首报首谈: they read what people type and leave every rule to the domain."""

from django import forms

from crm.forms import NamedForm


class ExtensionForm(NamedForm):
    """延长首报保护."""

    reason = forms.CharField(label="延期理由", max_length=200)
