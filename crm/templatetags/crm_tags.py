"""Words and marks templates share: icons, lamps, menus, amounts."""

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from crm import display, guide, menus, permissions

register = template.Library()

SHAPE = re.compile(r"<path[^>]*/>")
LAMPS = {"red": "红灯", "yellow": "黄灯", "blue": "蓝灯"}


@lru_cache(maxsize=200)
def _svg(name):
    shapes = SHAPE.findall((settings.ICONS_DIR / f"{name}.svg").read_text())
    drawn = "".join(shape for shape in shapes if 'stroke="none"' not in shape)
    return f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{drawn}</svg>'


@register.simple_tag
def icon(name):
    """A Tabler outline icon as inline SVG; FileNotFoundError for a name not listed in crm/icons.txt.

    Its shapes alone: how they are drawn says the style sheet, or icons were a quarter of many a page.
    """
    return mark_safe(_svg(name))  # noqa: S308 (file of the pinned icon package, not user input)


@register.filter
def menu(request):
    """The entries of the main menu this person has."""
    return _entries(request, menus.main(request.user))


@register.filter
def tabs(request):
    """The phone's bottom bar."""
    return _entries(request, menus.phone(request.user))


def _entries(request, entries):
    path = request.path
    found = [{"url": reverse(name), "label": label, "icon": mark} for name, label, mark in entries]
    urls = [e["url"] for e in found if e["url"] != "/"]
    near = [u for u in urls if path.startswith(u)] or [u for u in urls if path.startswith(_room(u))]
    best = max(near, key=len, default="/" if path == "/" else "")
    return [{**e, "active": e["url"] == best} for e in found]


def _room(url):
    """The first step of an address: /projects/board/ and /projects/24/ are in the room /projects/."""
    return f"/{url.split('/')[1]}/"


@register.filter
def may(user, verb):
    """Whether the role of `user` may `verb` at all; the deed itself asks again about the record."""
    return permissions.may(user, verb)


@register.filter
def has_guide(user):
    """Whether the role of `user` has first steps to show."""
    return user.role in guide.HAVE_STEPS


@register.filter
def figure(value):
    """A number with thousands separators and without trailing zeros: 1,200 or 3.6."""
    return display.number(value)


@register.filter
def money(wan):
    """An amount in 万元 as read on screen: 3,000 万元 / 1.2 亿元 / 未知."""
    return display.money(wan)


@register.simple_tag
def lamp(code):
    """The lamp of a record as a word with its colour; nothing when there is none."""
    return format_html('<span class="lamp lamp-{}">{}</span>', code, LAMPS[code]) if code else ""


@lru_cache(maxsize=50)
def _address(name, *more):
    """The address of a page about one record, with {} for its number."""
    return reverse(name, args=[0, *more]).replace("/0/", "/{}/")


@register.simple_tag
def pencil(cell, pk, field, what, of):
    """The pencil in the cell of a list: opens the field in place, without scripts on a page of its own.

    A list has some 150 of them: written by hand, as each looks up only the number of its record.
    """
    address = _address(cell, field).format(pk)
    return format_html(
        '<a class="cell-edit" href="{}" hx-get="{}" hx-target="closest td" hx-swap="outerHTML" data-cell'
        ' aria-label="改「{}」的{}">{}</a>',
        address, address, of, what, icon("pencil"),
    )  # fmt: skip


class PickNode(template.Node):
    """The part of a template that belongs to a word, found at once, not word after word."""

    def __init__(self, word, parts):
        self.word, self.parts = word, parts

    def render(self, context):
        part = self.parts.get(self.word.resolve(context))
        return part.render(context) if part else ""


@register.tag
def pick(parser, token):
    """`{% pick word %}{% when "a" %}…{% when "b" %}…{% endpick %}`: the part of the word, or nothing."""
    word = parser.compile_filter(token.split_contents()[1])
    parser.parse(["when"])
    parts, token = {}, parser.next_token()
    while token.split_contents()[0] == "when":
        name = token.split_contents()[1].strip('"')
        parts[name] = parser.parse(["when", "endpick"])
        token = parser.next_token()
    return PickNode(word, parts)


@register.filter
def naming(text, mentioned):
    """The text with the colleagues `mentioned` in it (as they are written there) marked as such."""
    if not mentioned:
        return text
    longest_first = sorted(map(str, mentioned), key=len, reverse=True)
    sign = re.compile(
        "([@＠](?:" + "|".join(re.escape(conditional_escape(one)) for one in longest_first) + "))"
    )
    marked = sign.sub(r'<b class="mention">\1</b>', conditional_escape(text))
    return mark_safe(marked)  # noqa: S308 (both were escaped above)


@register.filter
def marking(text, query):
    """The text with the words of a search in it marked; what was found by pinyin has none of them."""
    words = sorted(query.split(), key=len, reverse=True)
    if not words:
        return text
    parts = re.split("(" + "|".join(map(re.escape, words)) + ")", str(text), flags=re.IGNORECASE)
    marked = (format_html("<mark>{}</mark>", part) if at % 2 else part for at, part in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in marked))


@register.filter
def label_of(form, name):
    """The Chinese label of a form field by its name."""
    return form.fields[name].label


@register.simple_tag(takes_context=True)
def query(context, **changes):
    """The current address's query with `changes`; a change to None removes the parameter."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value is not None:
            params[key] = value
    return "?" + params.urlencode()


@register.inclusion_tag("crm/_to_mend.html", takes_context=True)
def to_mend(context):
    """What is wrong in the refused forms of a long page, for its head: (words, id of the field) of each.

    Beside its field alone nobody sees it who does not happen to stand there, on a phone least of all.
    """
    forms = [one for one in context.flatten().values() if isinstance(one, BaseForm) and one.is_bound]
    refused = [form for form in dict.fromkeys(forms) if form.errors]
    wrong = [found for form in refused for found in _wrong(form)]
    return {"wrong": wrong, "lost_file": any(form.files for form in refused)}  # no browser keeps a file


def _wrong(form):
    """(words, id of the field) of every error of the form; for the form as a whole stands its first field."""
    first = next((field.name for field in form.visible_fields()), "")
    for name, errors in form.errors.items():
        field = first if name == NON_FIELD_ERRORS or form[name].is_hidden else name
        for words in errors:
            yield words, _place_of(form[field]) if field else ""


def _place_of(field):
    """The id of what is focused of a field; of several boxes the first."""
    return field.id_for_label or f"{field.auto_id}_0"
