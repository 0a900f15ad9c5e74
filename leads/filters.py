"""What the lead list, its board, its export and the API filter by; one set, the same words in every address.

Vocabularies go by their code (`channel=knock`, `city=440300`, `sector=life_health`, `unit=banshan`), people
and trips by their number, stages by their code, amounts in 万元, days as 2026-04-20.
"""

from datetime import datetime, time, timedelta

import django_filters as filters

from django.core.exceptions import ValidationError
from django.forms import CharField
from django.utils.functional import cached_property

from crm import roles
from crm.choices import Words, choices_with_keys
from crm.filtersets import StrictFilterSet
from crm.forms import PlausibleDayField
from crm.models import Channel, City, Fact, FusionSector, FutureTrack, Tag, Unit, User
from crm.values import BadValue, amount_wan, search_terms
from crm.workdays import SHANGHAI
from leads import stages
from leads.models import Lead, Roadshow
from leads.models.prospects import ChainPosition, SectorKind
from leads.stages import LeadStage

DAY, WEEK = timedelta(days=1), timedelta(days=7)
RECENT_TRIPS = 60
NOTHING = "none"
LIGHTS = [("red", "红灯"), ("yellow", "黄灯"), ("late", "黄灯和红灯"), ("blue", "7 天内到时限")]
A_CODE = "代码，见 /api/v1/vocabularies/"
DUE = [
    ("overdue", "已逾期"),
    ("today", "今天"),
    ("now", "已逾期和今天"),
    ("ahead", "明天起 7 天"),
    ("7d", "7 天内"),
    ("soon", "已逾期和 7 天内"),
]
SECTOR_EXTRA = [
    (SectorKind.FOUNDATION.value, SectorKind.FOUNDATION.label),
    (SectorKind.NONE.value, SectorKind.NONE.label),
    ("undecided", "待定"),
]


class WordsField(CharField):
    """Search words: something to look for must remain after cleaning."""

    def clean(self, value):
        text = super().clean(value)
        if text and not search_terms(text):
            raise ValidationError("请输入要找的字。")
        return text


class AmountField(CharField):
    """An amount in 万元, also as 「1亿」."""

    def clean(self, value):
        text = super().clean(value)
        try:
            return amount_wan(text) if text else None
        except BadValue as error:
            raise ValidationError(error.detail) from error


class WordsFilter(filters.CharFilter):
    field_class = WordsField


class AmountFilter(filters.CharFilter):
    field_class = AmountField


class DayFilter(filters.DateFilter):
    field_class = PlausibleDayField


def _choice(label, options=(), **kwargs):
    kwargs.setdefault("method", "filter_column")
    return filters.ChoiceFilter(label=label, choices=options, empty_label="不限", **kwargs)


class LeadFilter(StrictFilterSet):
    """The filters of leads; every name is a parameter of the address."""

    q = WordsFilter(label="搜索", method="filter_words", max_length=50)
    stage = _choice("阶段", stages.MAP.labels.choices())
    reached = _choice("到过", stages.MAP.labels.choices(stages.MAP.line), method="filter_reached")
    light = _choice("亮灯", LIGHTS, method="filter_light")
    due = _choice("下次联系", DUE, method="filter_due")
    open = _choice("在办", [("1", "只看在办")], method="filter_open")
    no_next = _choice("约定", [("1", "没约下次")], method="filter_no_next")
    sector = _choice("赛道", method="filter_sector")
    city = _choice("来源城市")
    channel = _choice("来源渠道")
    roadshow = _choice("来源行程")
    unit = _choice("责任单位")
    owner = _choice("负责人", method="filter_owner")
    station = _choice("来源工作站")
    chain_position = _choice(
        "链条位置", [*ChainPosition.choices, ("undecided", "待定")], method="filter_chain_position"
    )
    track = _choice("未来赛道", method="filter_track")
    tag = _choice("标签", method="filter_tag")
    amount = _choice("投资额", [("unknown", "未填")], method="filter_amount_unknown")
    contested = _choice("企业信息", [("1", "数据有分歧")], method="filter_contested")
    project = _choice("立项", [("no", "还没有立项"), ("yes", "已转为项目")], method="filter_project")
    amount_min = AmountFilter(label="投资额不少于", method="filter_amount_min", max_length=20)
    amount_max = AmountFilter(label="投资额不超过", method="filter_amount_max", max_length=20)
    created_from = DayFilter(label="登记不早于", method="filter_created_from")
    created_to = DayFilter(label="登记不晚于", method="filter_created_to")

    COLUMNS = {
        "stage": "stage",
        "city": "city",
        "channel": "channel",
        "roadshow": "roadshow",
        "unit": "unit",
        "station": "station",
    }

    INSIDE = ("owner", "no_next", "due", "contested", "tag")
    WRITTEN = {
        "q": "名称、曾用名、拼音或首字母，信用代码的一段",
        "sector": f"{A_CODE}；foundation 基础层/跨领域、none 未分类、undecided 待定",
        "city": f"{A_CODE}；none 未填",
        "channel": A_CODE,
        "track": A_CODE,
        "unit": "单位的代码，即应答里的 unit",
        "station": "工作站的单位代码；none 非工作站来源",
        "roadshow": "行程的编号，即应答里的 roadshow",
        "owner": "用户的编号；me 本人、none 没有负责人",
        "tag": "标签的编号",
        "amount_min": "万元，也可以带单位：1亿",
        "amount_max": "万元，也可以带单位：1亿",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if getattr(getattr(self.request, "user", None), "role", "") == roles.PARTNER:
            for name in self.INSIDE:
                del self.filters[name]
        for name, options in self._options.items():
            if name in self.filters:
                self.filters[name].extra["choices"] = options

    @cached_property
    def _options(self):
        """The words of the pickers: only what this person may see and sensibly ask for, by one query."""
        if self._choices is None:
            return {}
        found = {name: list(words) for name, words in self._choices.words.items()}
        found["sector"] += SECTOR_EXTRA
        found["city"].append((NOTHING, "未填"))
        found["station"].append((NOTHING, "非工作站来源"))
        found["owner"] = [("me", "我"), ("none", "没有负责人"), *found["owner"]]
        return found

    @cached_property
    def _choices(self):
        user = getattr(self.request, "user", None)
        return None if user is None else choices_with_keys(**self.vocabularies(user))

    def _key(self, name, value):
        """The key of the row that is called so; values that are none of a vocabulary are keys themselves."""
        return self._choices.keys[name][value] if name in self._choices.keys else value

    TERMS = {"channel": Channel, "sector": FusionSector, "track": FutureTrack}

    def ended(self):
        """[(label, text, day)] of the filters that ask for a word which ended before today.

        What was recorded under it is still found; a saved view says so.
        """
        found = []
        for chip in self.chips():
            if day := self._ended_on(chip.name):
                found.append((chip.label, chip.text, day))
        return found

    def _ended_on(self, name):
        value = self.data[name].strip()
        rows = self.TERMS[name].objects.filter(code=value) if name in self.TERMS else None
        if name == "tag":
            rows = Tag.objects.filter(pk=value)
        day = rows.values_list("active_to", flat=True).first() if rows is not None else None
        return day if day and day < self.today else None

    def vocabularies(self, user):
        """The words behind the pickers, one `Words` per filter."""
        return words_for(user, self.data.get("roadshow", ""))

    def filter_column(self, rows, name, value):
        key = None if value == NOTHING else self._key(name, value)
        return rows.filter(**{self.COLUMNS[name]: key})

    def filter_words(self, rows, name, value):
        return rows.search(value)

    def filter_reached(self, rows, name, value):
        place = stages.MAP.line.index(value)
        return rows.once().filter(furthest__in=stages.MAP.line[place:])

    def filter_light(self, rows, name, value):
        if value == "red":
            return rows.red(self.today)
        if value == "yellow":
            return rows.yellow(self.today).exclude(red_on__lte=self.today)
        if value == "late":
            return rows.yellow(self.today)
        return rows.blue(self.today)

    def filter_due(self, rows, name, value):
        day, end = self.today, self.today + WEEK
        spans = {
            "overdue": {"next_contact_on__lt": day},
            "today": {"next_contact_on": day},
            "now": {"next_contact_on__lte": day},
            "ahead": {"next_contact_on__range": (day + DAY, end)},
            "7d": {"next_contact_on__range": (day, end)},
            "soon": {"next_contact_on__lte": end},
        }
        return rows.open().filter(**spans[value])

    def filter_open(self, rows, name, value):
        return rows.open()

    def filter_no_next(self, rows, name, value):
        return rows.open().filter(next_contact_on=None)

    def filter_sector(self, rows, name, value):
        if value == "undecided":
            return rows.filter(sector_kind="")
        if value in SectorKind.values:
            return rows.filter(sector_kind=value)
        return rows.filter(sector=self._key("sector", value))

    def filter_chain_position(self, rows, name, value):
        return rows.filter(chain_position="" if value == "undecided" else value)

    def filter_owner(self, rows, name, value):
        if value == "me":
            return rows.filter(owner=self.request.user.pk)
        return rows.filter(owner=None if value == "none" else value)

    def filter_track(self, rows, name, value):
        return rows.filter(tracks=self._key("track", value))

    def filter_tag(self, rows, name, value):
        return rows.filter(taggings__tag=value)

    def filter_amount_unknown(self, rows, name, value):
        return rows.filter(amount_wan=None)

    def filter_contested(self, rows, name, value):
        return rows.filter(company__in=Fact.objects.contested().values("company"))

    def filter_project(self, rows, name, value):
        accepted = {"stage": LeadStage.ACCEPTED}
        return rows.filter(**accepted) if value == "yes" else rows.exclude(**accepted)

    def filter_amount_min(self, rows, name, value):
        return rows.filter(amount_wan__gte=value)

    def filter_amount_max(self, rows, name, value):
        return rows.filter(amount_wan__lte=value)

    def filter_created_from(self, rows, name, value):
        return rows.filter(created_at__gte=midnight(value))

    def filter_created_to(self, rows, name, value):
        return rows.filter(created_at__lt=midnight(value + timedelta(days=1)))


def listed(request, today, data=None, also=(), around=None):
    """The filter set of the list of leads over what its person may see; `data` is what its view asks for.

    Those merged into another stand nowhere unless they are asked for.
    """
    data = request.GET if data is None else data
    leads = Lead.objects.visible_to(request.user)
    if data.get("stage") != LeadStage.MERGED:
        leads = leads.own()
    return LeadFilter(data, leads, request=request, today=today, also=also, around=around)


def midnight(day):
    """The first moment of a Shanghai day."""
    return datetime.combine(day, time(), SHANGHAI)


def words_for(user, trip=""):
    """What `user` may choose from; `trip` is kept among the trips even when it is an old one."""
    units = Unit.objects.all()  # a retired unit keeps its old records findable
    people = User.objects.filter(is_active=True, role__in=roles.WORKS_ON_LEADS)
    if user.role not in roles.SEES_EVERYTHING:
        people = people.filter(unit=user.unit_id)
        units = units if user.role == roles.STATION else units.filter(pk=user.unit_id)
    trips = Roadshow.objects.visible_to(user)
    recent = trips.filter(pk__in=trips.order_by("-starts_on", "-pk").values("pk")[:RECENT_TRIPS])
    if trip.isdecimal() and len(trip) < 19:
        recent = recent | trips.filter(pk=trip)
    return {
        "city": Words(City.objects.all(), order="code"),
        "channel": Words(Channel.objects.all()),
        "sector": Words(FusionSector.objects.all()),
        "track": Words(FutureTrack.objects.all()),
        "unit": Words(units, order="pk"),
        "tag": Words(Tag.objects.visible_to(user), value="pk", order="pk"),
        "station": Words(Unit.objects.filter(kind=Unit.Kind.STATION), order="pk"),
        "owner": Words(people, value="pk", order="pk"),
        "roadshow": Words(recent, value="pk", label="title", order="-pk"),
    }
