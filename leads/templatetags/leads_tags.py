"""Marks the templates of leads share: masked contacts, stage words."""

from django import template

from crm import display, permissions
from leads import stages

register = template.Library()
register.filter("mask_name", display.mask_name)
register.filter("mask_phone", display.mask_phone)
register.filter("area", display.area)


@register.filter
def may(user, verb):
    """Whether this person may do such a thing at all."""
    return permissions.may(user, verb)


@register.filter
def stage_label(code):
    """The Chinese word of a lead's stage."""
    return stages.MAP.labels.get(code, code)


@register.filter
def as_read(value):
    """A field's value as a person reads it in a comparison; an empty one says so."""
    if value is None or value == "":
        return "（空）"
    return display.number(value, None) if hasattr(value, "normalize") else value


@register.simple_tag
def hidden_initial(field):
    """The hidden twin of a form field: what the form showed when it was opened."""
    return field.as_hidden(only_initial=True)


@register.filter
def whole(days):
    """Whole days of a stay, cut like the stage bar cuts them."""
    return int(days)
