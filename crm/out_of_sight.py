"""Old messages about records that have left one's sight: they say what they were about, and nothing of it.

A message outlives what its reader may see: the record was handed over to another unit, a referral went to
another fund. What is hidden is decided whenever the message is read or sent, so that it tells all again when
the record comes back. Messages of what was removed altogether are `crm/removed.py`.
"""

import re

from django.apps import apps

from crm import roles

# the pages of records that a message leads to, what they show, and what such a record is called
KINDS = {
    "leads": ("leads.Lead", "线索"),
    "projects": ("projects.Project", "项目"),
    "conflicts": ("leads.Conflict", "首报冲突"),
    "duplicates": ("leads.DuplicatePair", "疑似重复"),
    "roadshows": ("leads.Roadshow", "行程"),
    "orders": ("projects.SupervisionOrder", "督办单"),
    "referrals": ("projects.Referral", "基金推荐"),
    "commitments": ("projects.Commitment", "承诺"),
    "agreements": ("projects.Agreement", "协议"),
    "incentives": ("projects.IncentiveItem", "优惠条款"),
}
RECORD = re.compile(rf"/(?P<place>{'|'.join(KINDS)})/(?P<key>\d{{1,18}})/")
TITLE = "关于一条您现在看不到的{}"
WHY = "记录已转到别的单位，或不再对您开放，内容不再显示。"


def hide(messages, reader):
    """Take out of these messages, as they are read and not as they are kept, what `reader` may see no more.

    Returns them.
    """
    messages = list(messages)
    told = {one.url for one in messages} | {item.get("url", "") for one in messages for item in one.items}
    unseen = _unseen(told, reader)
    for one in messages:
        if one.url in unseen:
            one.title, one.body, one.items, one.url = TITLE.format(unseen[one.url]), WHY, [], ""
        else:
            one.items = [_item(item, unseen) for item in one.items]
    return messages


def _item(item, unseen):
    """An item of a list: of what is out of sight its kind alone."""
    what = unseen.get(item.get("url"))
    return item if what is None else {"kind": item.get("kind"), "title": TITLE.format(what)}


def _unseen(addresses, reader):
    """{address: what stands there} of the records that exist and that `reader` does not see."""
    if getattr(reader, "role", "") in roles.SEES_EVERYTHING and reader.is_active:
        return {}
    found = {address: place for address in addresses if (place := RECORD.match(address))}
    keys = {}
    for place in found.values():
        keys.setdefault(place["place"], set()).add(int(place["key"]))
    hidden = {name: _hidden(KINDS[name][0], numbers, reader) for name, numbers in keys.items()}
    return {
        address: KINDS[place["place"]][1]
        for address, place in found.items()
        if int(place["key"]) in hidden[place["place"]]
    }


def _hidden(model, keys, reader):
    rows = apps.get_model(model).objects
    seen = rows.visible_to(reader).filter(pk__in=keys).values("pk")
    return set(rows.filter(pk__in=keys).exclude(pk__in=seen).order_by().values_list("pk", flat=True))
