"""How the settings pages and their log say values: in words, never as codes or True and False."""

from django import forms
from django.contrib import admin
from django.db import models

from crm import display

EMPTY = "（空）"


def change(form, name):
    """「单位负责人 → 区投促局」: what the field `name` of a valid form held and what it holds now."""
    field = form.fields[name]
    return f"{_word(field, form.initial.get(name))} → {_word(field, form.cleaned_data.get(name))}"


def _word(field, value):
    if value in (None, "", []):
        return EMPTY
    if isinstance(value, bool):
        return display.yes_no(value)
    if isinstance(field, forms.ModelChoiceField):
        return _row(field, value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))
    return str(value)


def _row(field, value):
    """The name of a chosen row; the form holds the row itself once it is valid, its number before."""
    if isinstance(value, models.Model):
        return str(value)
    return str(field.queryset.model._default_manager.filter(pk=value).first() or value)


def spoken(opts, name):
    """A column for a list: a yes-or-no column as 是 or 否, for Django's icons are named True and False."""
    fields = {field.name: field for field in opts.concrete_fields}
    if not isinstance(fields.get(name), models.BooleanField):
        return name

    @admin.display(description=fields[name].verbose_name, ordering=name)
    def column(row):
        return display.yes_no(getattr(row, name))

    return column
