"""What a field says of a value it cannot take: our words for the framework's errors, in forms and filters."""

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models.fields import BLANK_CHOICE_DASH

# by the code of the error; Django fills in %(…)s
WORDS = {
    "required": "请填写{label}。",
    "max_length": "{label}最多 %(limit_value)d 个字，现在有 %(show_value)d 个。",
    "min_length": "{label}至少 %(limit_value)d 个字，现在有 %(show_value)d 个。",
    "null_characters_not_allowed": "{label}含有不能保存的字符，请重新填写。",
    "invalid_choice": "{label}没有这个选项，或不在您的可见范围内。",
    "invalid_pk_value": "{label}没有这个选项，或不在您的可见范围内。",
    "invalid_list": "{label}的选择有误，请重新选择。",
    "min_value": "{label}不能小于 %(limit_value)s。",
    "max_value": "{label}不能大于 %(limit_value)s。",
    "max_digits": "{label}最多 %(max)s 位数字。",
    "max_decimal_places": "{label}最多 %(max)s 位小数。",
    "max_whole_digits": "{label}的整数部分最多 %(max)s 位。",
    "implausible_day": "{label}要在 %(first)d 年到 %(last)d 年之间，请核对年份。",
}
FILE_WORDS = {
    "required": "请选择{label}。",
    "invalid": "没有收到{label}，请重新选择。",
    "missing": "没有收到{label}，请重新选择。",
    "empty": "{label}是空的（0 字节），请重新选择。",
    "max_length": "{label}的文件名最多 %(max)d 个字，现在有 %(length)d 个。",
}
# what cannot be read at all, by the kind of field; the first that fits
UNREADABLE = (
    (forms.DateTimeField, "{label}请写成 2026-04-20 14:30。"),
    (forms.DateField, "{label}请写成 2026-04-20。"),
    (forms.DecimalField, "{label}请填数字。"),
    (forms.IntegerField, "{label}请填整数。"),
    (forms.EmailField, "{label}请写成 name@example.com 的样子。"),
)
DASHES = BLANK_CHOICE_DASH[0][1]


def in_our_words(field, label=None):
    """Give the form field our sentences, which begin with `label` (its own one when None); returns it."""
    name = str(field.label if label is None else label).replace("%", "％")
    words = {**WORDS, **(FILE_WORDS if isinstance(field, forms.FileField) else {})}
    for kind, sentence in UNREADABLE:
        if isinstance(field, kind):
            words.setdefault("invalid", sentence)
    for code, sentence in words.items():
        field.error_messages[code] = sentence.format(label=name)
    if hasattr(field, "validate_no_null_characters"):  # pickers of rows ask a validator of their own
        words = field.error_messages["null_characters_not_allowed"]
        field.validate_no_null_characters = ProhibitNullCharactersValidator(words)
    _name_the_empty_choice(field)
    return field


def _name_the_empty_choice(field):
    """The framework's row of dashes says nothing; ours says what choosing it means."""
    word = "请选择" if field.required else "未填"
    if getattr(field, "empty_label", None) == DASHES:
        field.empty_label = word
    elif isinstance(field, forms.TypedChoiceField) and ("", DASHES) in field.choices:
        field.choices = [(value, word if text == DASHES else text) for value, text in field.choices]
