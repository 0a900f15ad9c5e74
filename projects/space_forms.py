"""The forms of spaces, needs and candidates: they read what people type; the domain judges it."""

from decimal import Decimal

from django import forms

from crm import roles, values
from crm.forms import NamedForm, PlausibleDayField, ValueField
from crm.models import Carrier, FutureTrack
from crm.opened_forms import Opened
from crm.rules import FIELDS
from crm.rules.dictionary import SPACE_USES
from projects.models import Building, Space
from projects.space_needs import IN_PROJECT, Need
from projects.spaces import Entry, House

BOXES = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})


def unsure(label, yes, no, unknown):
    """A question with three answers: yes, no, not known."""
    options = [("", unknown), ("true", yes), ("false", no)]
    return forms.TypedChoiceField(
        label=label, choices=options, required=False, coerce=lambda v: v == "true", empty_value=None
    )


def whole(key, label):
    """A whole number up to what the dictionary's field `key` can be."""
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=int(FIELDS[key].high))


def decimal(key, label):
    """A number with two decimals up to what the dictionary's field `key` can be."""
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=FIELDS[key].high, decimal_places=2
    )


def shown(row, names):
    """{name: value} of a row as its form shows it: decimals without trailing zeros, yes and no as asked."""
    return {name: _shown(getattr(row, name)) for name in names}


def _shown(value):
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def need_all(form, *names):
    """Ask for these fields on the page; the domain would refuse without them."""
    for name in names:
        form.fields[name].required = True


def kept_by(user, rows, carrier):
    """Those of `rows` whose carrier (reached by `carrier`) this person keeps."""
    return rows if user.role == roles.MANAGER else rows.filter(**{f"{carrier}unit": user.unit_id})


class BuildingForm(Opened):
    """A building of one of the carriers this person keeps."""

    carrier = forms.ModelChoiceField(Carrier.objects.none(), label="载体", empty_label="请选择")
    name = forms.CharField(label="楼宇名称", max_length=60)
    address = forms.CharField(label="地址", max_length=120, required=False)
    note = forms.CharField(label="说明", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, user, row=None, **kwargs):
        names = ("carrier", "name", "address", "note", "version")
        kwargs.setdefault("initial", shown(row, names) if row else {})
        super().__init__(*args, **kwargs)
        self.fields["carrier"].queryset = kept_by(user, Carrier.objects.all(), "")

    def house(self):
        return House(**{name: self.cleaned_data[name] for name in House.__dataclass_fields__})


class SpaceForm(Opened):
    """One space; `row` is the one being changed."""

    building = forms.ModelChoiceField(Building.objects.none(), label="楼宇", empty_label="请选择")
    label = forms.CharField(label="楼层与单元", max_length=40, help_text="例如 3 层 301；一整层写 3 层")
    floor = forms.IntegerField(label="楼层（地下写负数）", min_value=-9, max_value=200)
    area_sqm = ValueField(label="面积（㎡）", reads=values.area_sqm)
    available_from = PlausibleDayField(label="可用日期", required=False)
    state = forms.ChoiceField(label="状态", choices=Space.State.choices)
    rent_daily = decimal("rent_ceiling", "租金参考（元/㎡/天）")
    uses = forms.MultipleChoiceField(
        label="允许用途", choices=SPACE_USES.items(), widget=BOXES, required=False
    )
    power_kva = whole("power_need", "供电（kVA）")
    racks = whole("rack_need", "机柜（个）")
    height_m = decimal("height_need", "层高（m）")
    load_kg = whole("load_need", "承重（kg/㎡）")
    allows_eia = unsure("可办环评", "可以", "不可以", "没有登记")
    limits = forms.CharField(label="环境限制", max_length=200, required=False)
    tracks = forms.ModelMultipleChoiceField(
        FutureTrack.objects.all(), label="适合赛道", widget=BOXES, required=False
    )
    valid_from = PlausibleDayField(label="登记有效期自", required=False)
    valid_to = PlausibleDayField(label="登记有效期至（当天仍有效）", required=False)
    note = forms.CharField(label="说明", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, user, row=None, **kwargs):
        names = (*Entry.__dataclass_fields__, "version")
        initial = shown(row, [name for name in names if name != "tracks"]) if row else {}
        if row:
            initial["tracks"] = list(row.tracks.all())
        kwargs["initial"] = {**initial, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        need_all(self, "area_sqm", "available_from", "uses")
        houses = kept_by(user, Building.objects.select_related("carrier"), "carrier__")
        self.fields["building"].queryset = houses
        self.fields["building"].label_from_instance = lambda one: f"{one.carrier} · {one}"

    def entry(self):
        given = {name: self.cleaned_data[name] for name in Entry.__dataclass_fields__}
        return Entry(**{**given, "uses": tuple(given["uses"]), "tracks": tuple(given["tracks"])})


class NeedForm(Opened):
    """What a project needs; the least area and the carriers are the project's own fields."""

    area_sqm = ValueField(label="面积下限（㎡）", reads=values.area_sqm)
    area_most_sqm = ValueField(label="面积上限（㎡）", reads=values.area_sqm)
    use = forms.ChoiceField(label="用途", choices=[("", "没有谈到"), *SPACE_USES.items()], required=False)
    needed_by = PlausibleDayField(label="需用日期", required=False)
    power_kva = whole("power_need", "最低供电（kVA）")
    racks = whole("rack_need", "最少机柜（个）")
    height_m = decimal("height_need", "最低层高（m）")
    load_kg = whole("load_need", "最低承重（kg/㎡）")
    needs_eia = unsure("需要办环评", "需要", "不需要", "没有谈到")
    rent_most = decimal("rent_ceiling", "租金上限（元/㎡/天）")
    carriers = forms.ModelMultipleChoiceField(
        Carrier.objects.all(), label="意向载体（候选载体）", widget=BOXES, required=False
    )
    note = forms.CharField(label="其他要求", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, project, need=None, **kwargs):
        initial = {**shown(project, ["area_sqm"]), "carriers": list(project.carriers.all())}
        if need:
            initial |= shown(need, [name for name in Need.__dataclass_fields__ if name not in IN_PROJECT])
        kwargs.setdefault("initial", {**initial, "version": project.version})
        super().__init__(*args, **kwargs)

    def need(self):
        given = {name: self.cleaned_data[name] for name in Need.__dataclass_fields__}
        return Need(**{**given, "carriers": frozenset(given["carriers"])})


DEEDS = [
    ("show", "记下带看"),
    ("up", "上移"),
    ("down", "下移"),
    ("settle", "确定"),
    ("drop", "退出"),
    ("give_back", "交还"),
]


class CandidateForm(NamedForm):
    """What is done to one candidate: the button says it."""

    do = forms.ChoiceField(label="操作", choices=DEEDS, widget=forms.HiddenInput)
    shown_on = PlausibleDayField(label="带看日期", required=False)
    note = forms.CharField(label="说明", max_length=300, required=False)
    reason = forms.CharField(label="理由", max_length=200, required=False)


class ProposeForm(NamedForm):
    """A space to be put on the list."""

    space = forms.ModelChoiceField(Space.objects.none(), label="载体空间")
    note = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args, spaces, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["space"].queryset = spaces
