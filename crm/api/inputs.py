"""Reading the fields of a request: strict about names and types, in the words of crm.values."""

import re
from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from django.db.models import Q
from django.utils import timezone

from crm.values import BadValue, amount_wan, area_sqm, clean_text, phone, uscc
from crm.workdays import shanghai_day

DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,4})?")  # whether it is too much, its reader says
DIGITS_MAX = 40
CODE_MAX = 40


def worded(about, options):
    """「方式：out 外出拜访, …」: what a field of fixed codes is, with every code's word."""
    return f"{about}：" + ", ".join(f"{code} {word}" for code, word in options)


class StrictSerializer(serializers.Serializer):
    """A serializer that refuses names it does not know: a field that silently does nothing lies."""

    def to_internal_value(self, data):
        errors = {str(name)[:80]: [self._unknown(name)] for name in data if name not in self.fields}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**error.detail, **errors}) from error
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def _unknown(self, name):
        known = "、".join(self.fields)
        detail = f"没有「{str(name)[:40]}」这个字段，或不能由接口写入。可写的字段：{known}。"
        return serializers.ErrorDetail(detail, code="unknown_field")


class NullIsUnknown:
    """A text that may be left out may be null as well: "", nobody knows it. Ours are kept as ""."""

    def run_validation(self, data=serializers.empty):
        return super().run_validation("" if data is None and self.allow_null else data)


class Text(NullIsUnknown, serializers.CharField):
    """Text as crm.values cleans it; numbers and booleans are not text."""

    def __init__(self, max_length, *, multiline=False, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("allow_blank", True)
        kwargs.setdefault("allow_null", kwargs["allow_blank"] and not kwargs["required"])
        super().__init__(max_length=max_length, **kwargs)
        self.multiline = multiline

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return clean_text(data, multiline=self.multiline)


class Email(NullIsUnknown, serializers.EmailField):
    """An address for mail."""

    def __init__(self, **kwargs):
        super().__init__(required=False, allow_blank=True, allow_null=True, max_length=254, **kwargs)


class Value(NullIsUnknown, serializers.CharField):
    """Text that a function of crm.values reads (a phone, a credit code), with its sentence when it cannot."""

    reads = None

    def __init__(self, **kwargs):
        super().__init__(required=False, allow_blank=True, allow_null=True, max_length=60, **kwargs)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return _read(type(self).reads, data)


class Phone(Value):
    reads = staticmethod(phone)


class Uscc(Value):
    reads = staticmethod(uscc)


@extend_schema_field({"type": ["string", "number"], "examples": ["3000", 1234.5]})
class Amount(serializers.Field):
    """万元 as a decimal, written as text or number; null is unknown."""

    reads = staticmethod(amount_wan)
    default_error_messages = {
        "decimal": '要写成十进制数，最多 4 位小数，例如 "3000" 或 "1234.5"；不知道就填 null，不要填 0。'
    }

    def __init__(self, **kwargs):
        super().__init__(required=False, allow_null=True, **kwargs)

    def to_internal_value(self, data):
        text = _decimal_text(data)
        if text is None:
            self.fail("decimal")
        return _read(type(self).reads, text)

    def to_representation(self, value):
        return str(value)


@extend_schema_field({"type": ["string", "number"], "examples": ["800"]})
class Area(Amount):
    """㎡ as a decimal, written as text or number; null is unknown."""

    reads = staticmethod(area_sqm)


@extend_schema_field({"type": "string", "maxLength": CODE_MAX})
class Code(serializers.Field):
    """A word of a vocabulary, by its code."""

    default_error_messages = {
        "invalid": "要写代码（文本），可选值见 /api/v1/vocabularies/。",
        "unknown_code": "没有「{code}」这个{label}，可选值见 /api/v1/vocabularies/。",
    }

    def __init__(self, queryset, *, column="code", **kwargs):
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.queryset, self.column = queryset, column

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        row = self._rows().filter(Q(**{self.column: data[:CODE_MAX]})).first()
        if row is None:
            self.fail("unknown_code", code=data[:CODE_MAX], label=self.queryset.model._meta.verbose_name)
        return row

    def _rows(self):
        """The rows that may be chosen: of words that come and go those that are in use today."""
        rows = self.queryset.all()
        return rows.active(shanghai_day(timezone.now())) if hasattr(rows, "active") else rows

    def to_representation(self, value):
        return value.pk


def _decimal_text(data):
    """A JSON number or text as plain decimal digits; None when it is neither."""
    if isinstance(data, bool) or not isinstance(data, (str, int, Decimal)):
        return None
    if isinstance(data, Decimal):
        if not data.is_finite() or abs(data.adjusted()) >= DIGITS_MAX:
            return None
        data = f"{data.normalize():f}"
    text = str(data).strip() if not isinstance(data, int) or abs(data) < 10**DIGITS_MAX else ""
    return text if DECIMAL.fullmatch(text) else None


def _read(reads, text):
    try:
        return reads(text)
    except BadValue as error:
        raise serializers.ValidationError(error.detail, code="bad_value") from error
