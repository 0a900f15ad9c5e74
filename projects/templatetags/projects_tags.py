"""Marks the templates of projects share: stage words, and a score that never stands without its coverage."""

from django import template

from crm import display, rules
from projects import stages
from projects.corrections import in_words
from projects.step_forms import WithdrawForm

register = template.Library()


@register.filter
def project_stage(code):
    """The Chinese word of a project's stage."""
    return stages.MAP.labels.get(code, code)


@register.filter
def called_by(referral, user):
    """What `user` reads as the name of the project referred."""
    return referral.called_by(user)


@register.simple_tag(takes_context=True)
def withdraw_form(context, passed):
    """The form that takes back `passed`: the one refused a moment ago, else an empty one."""
    prefix = f"withdraw-{passed.pk}"
    given = context.get("withdraw_form")
    return given if given and given.prefix == prefix else WithdrawForm(prefix=prefix)


@register.filter
def score(match):
    """「加分 80（已知 60%）」: the score over known bonus rules beside how much of them is known."""
    if match.coverage is None:
        return "无加分项"
    if match.score is None:
        return "加分项信息不足"
    return f"加分 {display.number(match.score, 0)} · 覆盖 {display.share(match.coverage)}"


@register.filter
def corrected(correction):
    """[(label, before, after)] of what a correction changed."""
    return in_words(correction)


@register.filter
def result_word(code):
    """「满足」 of the code in an explanation; nothing for a group that decides nothing."""
    return rules.Result(code).label if code else ""


@register.filter
def percent(value):
    """A percentage kept as 4.5 for 4.5%, exactly."""
    return display.percent(value, None)


@register.filter
def rate(ratio):
    """A ratio as a percentage, 「—」 when there was nothing to divide by."""
    return "—" if ratio is None else display.share(ratio, 1)
