"""Reading a request body: a JSON object of bounded size whose texts a database can keep."""

import json
import re
from decimal import Decimal

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from crm.api.problems import Problem, to_mend

BODY_KB = 256
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class JsonBody(BaseParser):
    """A JSON object; numbers with a point become Decimal, so that amounts stay exact."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        raw = _read(stream, parser_context["request"])
        try:
            body = json.loads(
                raw.decode("utf-8"),
                parse_float=Decimal,
                parse_constant=_no_number,
                object_pairs_hook=_each_once,
            )
        except (ValueError, RecursionError) as error:
            raise ParseError from error
        if not isinstance(body, dict):
            raise Problem(400, "not_an_object", '请求体要是一个 JSON 对象，例如 {"company_name": "…"}。')
        _check_texts(body)
        return body


def _read(stream, request):
    limit = BODY_KB * 1024
    too_large = Problem(413, "too_large", f"请求体超过 {BODY_KB} KB，请减少内容后重试。")
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise too_large
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise too_large
    return raw


def _no_number(word):
    raise ValueError(word)


def _each_once(pairs):
    """An object; of a name written twice nobody knows which value is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = UNKEEPABLE.sub("?", next(name for name in names if names.count(name) > 1))[:60]
        raise Problem(400, "malformed", f"请求体里「{twice}」写了两次，请只留一个。")
    return found


def _check_texts(body):
    """Refuse NUL and lone surrogates anywhere, keys included: no database can keep them."""
    wrong = sorted({name for name, value in body.items() if _holds_unkeepable([name, value])})
    if wrong:
        detail = "含有不能保存的字符（NUL 或不完整的 Unicode 字符），请去掉。"
        errors = [
            {"field": UNKEEPABLE.sub("?", name), "code": "bad_text", "detail": detail} for name in wrong
        ]
        raise Problem(400, "invalid", to_mend(errors), errors=errors)


def _holds_unkeepable(value):
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str) and UNKEEPABLE.search(one):
            return True
        if isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        if isinstance(one, list):
            left += one
    return False
