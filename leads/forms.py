"""The forms of a lead: they read what people type into values and leave every rule to the domain."""

from copy import copy
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse

from crm import roles
from crm.clash_forms import UNREADABLE, Remembering, plain
from crm.forms import DayInput, Named, NamedForm, PlausibleDayField, ValueField, dressed, offered
from crm.models import Channel, City, FusionSector, FutureTrack, LossReason, Unit, User
from crm.permissions import may
from crm.values import amount_wan, area_sqm, phone, uscc
from leads.contacts import Person
from leads.editing import FIELDS
from leads.follow_up import FollowUp
from leads.intake import Capture
from leads.losing import Loss
from leads.models import Lead, Roadshow, Screening, Visit
from leads.models.prospects import ChainPosition, SectorKind


def area(**kwargs):
    rows = kwargs.pop("rows", 3)
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), max_length=4000, **kwargs)


class CaptureForm(NamedForm):
    """记一家: four fields at the door, the rest folded."""

    company_name = forms.CharField(label="企业", max_length=120)
    contact_name = forms.CharField(label="联系人", max_length=40, required=False)
    contact_phone = ValueField(label="电话", reads=phone)
    roadshow = forms.ModelChoiceField(
        Roadshow.objects.none(), label="来源行程", required=False, empty_label="不是行程中遇到的"
    )
    next_contact_on = PlausibleDayField(label="下次联系日期")
    uscc = ValueField(label="统一社会信用代码", reads=uscc)
    city = forms.ModelChoiceField(
        City.objects.all(), label="来源城市", required=False, empty_label="同行程城市"
    )
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label="来源渠道", required=False, empty_label="按行程判断"
    )
    contact_title = forms.CharField(label="职务", max_length=40, required=False)
    amount_wan = ValueField(label="投资额（万元）", reads=amount_wan)
    area_sqm = ValueField(label="需求面积（㎡）", reads=area_sqm)
    investor_name = forms.CharField(label="投资方", max_length=120, required=False)
    content = area(label="洽谈情况", required=False)
    next_step = forms.CharField(label="下一步", max_length=200, required=False)

    BEHIND_FOLD = [
        "contact_title",
        "uscc",
        "city",
        "channel",
        "amount_wan",
        "area_sqm",
        "investor_name",
        "content",
        "next_step",
    ]

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roadshow"].queryset = self._trips(user, today)
        self.fields["channel"].queryset = Channel.objects.active(today)
        self.fields["next_contact_on"].widget.attrs["min"] = f"{today:%Y-%m-%d}"

    def _trips(self, user, today):
        """Trips under way, the newest first, and those of the past year: cards turn up long after a trip.

        An older one only when it was asked for by its page.
        """
        seen = Roadshow.objects.visible_to(user)
        recent = seen.open_on(today).values("pk")
        asked = self.data.get("roadshow") or getattr(self.initial.get("roadshow"), "pk", 0)
        older = Q(pk=asked if str(asked).isdecimal() and len(str(asked)) < 19 else 0)
        begun = Q(is_cancelled=False, starts_on__lte=today)
        of_the_year = begun & Q(ends_on__gte=today - timedelta(days=365))
        return seen.filter(Q(pk__in=recent) | of_the_year | (older & begun)).order_by("-starts_on", "-pk")

    def capture(self):
        """The cleaned form as what intake takes."""
        values = dict(self.cleaned_data)
        return Capture(name=values.pop("company_name"), names_colleagues=True, **values)

    def folded(self):
        return [self[name] for name in self.BEHIND_FOLD]

    def fold_is_open(self):
        """Whether something behind the fold was typed or is wrong, so that nobody overlooks it."""
        return any(self[name].errors or self[name].value() for name in self.BEHIND_FOLD)


def running_trip(user, today):
    """The trip the person is on today, or None."""
    under_way = (
        Roadshow.objects.visible_to(user).open_on(today).filter(starts_on__lte=today, ends_on__gte=today)
    )
    return under_way.filter(Q(members=user) | Q(leader=user) | Q(unit=user.unit_id)).first()


def offer_colleagues(field, record):
    """Let the field offer, after an @, those who may see the lead or project `record`."""
    field.help_text = "写 @姓名 提到同事，他会收到提醒。"
    address = reverse(f"{record._meta.app_label}:colleagues", args=[record.pk])
    field.widget.attrs["data-colleagues"] = address


class VisitForm(NamedForm):
    """记录跟进; of a lost record no next contact is asked for, it has its revisit."""

    kind = forms.ChoiceField(label="方式", choices=Visit.Kind.choices)
    at = forms.DateTimeField(
        label="联系时间",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = forms.CharField(label="地点", max_length=120, required=False)
    content = area(label="洽谈情况")
    next_step = forms.CharField(label="下一步", max_length=200)
    next_on = PlausibleDayField(label="下次联系日期")

    def __init__(self, *args, record, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["next_on"].widget.attrs["min"] = f"{today:%Y-%m-%d}"
        if record.is_lost:
            del self.fields["next_on"]
        offer_colleagues(self.fields["content"], record)

    def follow_up(self, at):
        """The cleaned form as what log_visit takes; without a time it happened `at`."""
        values = {"next_on": None, **self.cleaned_data}
        return FollowUp(**{**values, "at": values["at"] or at})


class ScreeningForm(Remembering, NamedForm):
    """研判: six aspects, the verdict, the classification. Gaps may be saved; the gate lists them."""

    verdict = forms.ChoiceField(
        label="研判结论", choices=Screening.Verdict.choices, required=False, widget=forms.RadioSelect
    )
    sector = forms.ChoiceField(label="融合赛道", required=False)
    chain_position = forms.ChoiceField(
        label="链条位置", choices=[("", "待定"), *ChainPosition.choices], required=False
    )
    tracks = forms.ModelMultipleChoiceField(
        FutureTrack.objects.none(), label="未来赛道", required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本")

    def __init__(self, *args, lead, today, **kwargs):
        kwargs.setdefault("initial", self.initial_of(lead))
        super().__init__(*args, **kwargs)
        self.today = today
        for name, label in Screening.ASPECTS.items():
            self.fields[name] = dressed(area(label=label, required=False, rows=2))
        sectors = {sector.code: sector.name for sector in FusionSector.objects.active(today)}
        if lead.sector:
            sectors[lead.sector.code] = lead.sector.name
        self.fields["sector"].choices = [
            ("", "待定"),
            *sectors.items(),
            (SectorKind.FOUNDATION.value, SectorKind.FOUNDATION.label),
            (SectorKind.NONE.value, SectorKind.NONE.label),
        ]
        chosen = [track.pk for track in lead.tracks.all()]
        self.fields["tracks"].queryset = offered(FutureTrack.objects.active(today), *chosen)
        self.remember()

    @staticmethod
    def initial_of(lead):
        """What the form shows for `lead` and its opinion, if there is one yet."""
        screening = getattr(lead, "screening", None)
        opinion = (
            {name: getattr(screening, name) for name in (*Screening.ASPECTS, "verdict")} if screening else {}
        )
        return {
            **opinion,
            "sector": lead.sector.code if lead.sector else lead.sector_kind,
            "chain_position": lead.chain_position,
            "tracks": [track.pk for track in lead.tracks.all()],
            "version": lead.version,
        }

    def aspects(self):
        return [self[name] for name in Screening.ASPECTS]

    def values(self):
        """What is to stand there: the sector by its code, the tracks as a set (leads/screening.py)."""
        return {name: plain(value) for name, value in self.cleaned_data.items() if name != "version"}

    def over(self, lead):
        """This form over the lead as it stands now: own typing stays, the rest shows what others wrote."""
        how = {"lead": lead, "today": self.today}
        return ScreeningForm(self.typed_over(ScreeningForm(**how)), **how)


class MoveForm(NamedForm):
    """A step to another stage; whether there is such a one and it may be taken, the lead says itself.

    The one to 跟进 opens a project and has a door of its own.
    """

    stage = forms.CharField(label="阶段", max_length=40)
    version = forms.IntegerField(label="版本", required=False)
    reason = forms.CharField(label="理由", max_length=300, required=False)
    forced = forms.BooleanField(label="强制推进", required=False)
    loss_reason = forms.ModelChoiceField(
        LossReason.objects.all(), label="流失原因", to_field_name="code", required=False, empty_label="请选择"
    )
    winning_city = forms.CharField(label="流向城市", max_length=30, required=False)
    revisit_on = PlausibleDayField(label="回访日期", required=False)

    def step(self):
        """What `leads.losing.step` wants besides who and when; words of a loss go with it."""
        data = self.cleaned_data
        loss = Loss(data["loss_reason"], data["reason"], data["winning_city"], data["revisit_on"])
        return {name: data[name] for name in ("reason", "forced", "version")} | {"loss": loss}


class HandoverForm(NamedForm):
    """移交."""

    to_unit = forms.ModelChoiceField(Unit.objects.none(), label="接收单位", empty_label="请选择")
    to_owner = forms.ModelChoiceField(
        User.objects.none(), label="接收人", required=False, empty_label="由接收单位指定"
    )
    share = forms.IntegerField(label="本单位保留的业绩（%）", min_value=0, max_value=100)
    reason = forms.CharField(label="移交理由", max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本")

    def __init__(self, *args, lead, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to_unit"].queryset = Unit.objects.filter(is_active=True).exclude(pk=lead.unit_id)
        people = User.objects.filter(is_active=True, role__in=roles.SEES_OWN_UNIT, unit__isnull=False)
        self.fields["to_owner"].queryset = people.exclude(unit=lead.unit_id).select_related("unit")
        self.fields["to_owner"].label_from_instance = lambda person: f"{person.unit}｜{person}"


class ContactForm(NamedForm):
    """A person at the company."""

    name = forms.CharField(label="姓名", max_length=40)
    title = forms.CharField(label="职务", max_length=40, required=False)
    phone = ValueField(label="电话", reads=phone)
    email = forms.EmailField(label="邮箱", max_length=254, required=False)
    has_decision_right = forms.BooleanField(label="有决策权", required=False)

    def person(self):
        given = {name: self.cleaned_data[name] for name in Person.__dataclass_fields__}
        return Person(**{**given, "phone": given["phone"] or ""})


class CorrectionForm(ContactForm):
    """A contact as it stands, to be corrected; remembers the mark of what it showed."""

    seen = forms.CharField(widget=forms.HiddenInput, label="版本", max_length=16)

    def __init__(self, *args, contact, **kwargs):
        person = Person.of(contact)
        initial = {**vars(person), "seen": person.mark()}
        super().__init__(*args, prefix=f"contact{contact.pk}", initial=initial, **kwargs)


class EditForm(Named, forms.ModelForm):
    """更正: the fields of a lead that are not decided elsewhere. Remembers what it showed when it opened."""

    version = forms.IntegerField(widget=forms.HiddenInput, label="版本")
    amount_wan = ValueField(label="投资额（万元）", reads=amount_wan)
    area_sqm = ValueField(label="需求面积（㎡）", reads=area_sqm)

    class Meta:
        model = Lead
        fields = FIELDS
        widgets = {"note": forms.Textarea(attrs={"rows": 4}), "next_contact_on": DayInput()}
        field_classes = {"next_contact_on": PlausibleDayField}

    def __init__(self, *args, instance, user, today, **kwargs):
        """`instance` is left alone: the form works on a copy, so that a refused page still shows the row."""
        super().__init__(*args, instance=copy(instance), **kwargs)
        self.initial.setdefault("version", instance.version)
        trips = Roadshow.objects.filter(pk__in=Roadshow.objects.visible_to(user).values("pk"))
        self.fields["roadshow"].queryset = offered(trips, instance.roadshow_id)
        self.fields["channel"].queryset = offered(Channel.objects.active(today), instance.channel_id)
        self._offer_people(user, instance)
        offer_colleagues(self.fields["note"], instance)
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version"

    def _offer_people(self, user, lead):
        if not may(user, "assign", lead):
            del self.fields["owner"], self.fields["leader"]
            return
        people = User.objects.filter(is_active=True)
        owners = people.filter(unit=lead.unit_id, role__in=roles.WORKS_ON_LEADS)
        self.fields["owner"].queryset = offered(owners, lead.owner_id)
        self.fields["leader"].queryset = offered(people.filter(role=roles.LEADER), lead.leader_id)

    def values(self):
        """What the person wants to stand in the row."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def shown(self):
        """What the form showed when it was opened, as values (the hidden twins of its fields)."""
        found = {}
        for name in self.values():
            field = self.fields[name]
            raw = field.hidden_widget().value_from_datadict(
                self.data, self.files, self.add_initial_prefix(name)
            )
            field.required = False
            found[name] = _read_or_unknown(field, raw)
        return found


def _read_or_unknown(field, raw):
    try:
        return field.clean(raw)
    except ValidationError:
        return UNREADABLE
