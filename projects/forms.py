"""The forms of a project: they read what people type into values and leave every rule to the domain."""

from django import forms

from crm import display, roles, values
from crm.clash_forms import Remembering
from crm.forms import DayField, NamedForm, PlausibleDayField, ValueField, dressed, offered
from crm.models import Carrier, Fact, FusionSector, FutureTrack, LossReason, User
from crm.permissions import may
from crm.rules import FIELDS as FACTS
from crm.wording import in_our_words
from leads.forms import area
from leads.losing import Loss
from leads.models.prospects import ChainPosition, SectorKind
from projects.facts import Entry
from projects.mending import FIELDS, Proof
from projects.models import Category, Evidence
from projects.models.projects import Grade, LandingMode
from projects.paper_forms import paper_field
from projects.stages import MAP

AMOUNTS = ("amount_wan", "prior_wan", "public_equity_wan", "fixed_wan")
YES_NO = [("true", "是"), ("false", "否")]


def decimal_text(value):
    """A Decimal as typed, without trailing zeros; other values as they are."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value


class MoveForm(NamedForm):
    """A step to another stage; 流失 brings its reason along."""

    stage = forms.ChoiceField(label="阶段", choices=MAP.labels.choices())
    version = forms.IntegerField(label="版本", required=False)
    reason = forms.CharField(label="理由", max_length=300, required=False)
    forced = forms.BooleanField(label="强制推进", required=False)
    loss_reason = forms.ModelChoiceField(
        LossReason.objects.all(), label="流失原因", to_field_name="code", required=False, empty_label="请选择"
    )
    winning_city = forms.CharField(label="流向城市", max_length=30, required=False)

    revisit_on = PlausibleDayField(label="回访日期", required=False)

    def loss(self):
        data = self.cleaned_data
        return Loss(data["loss_reason"], data["reason"], data["winning_city"], data["revisit_on"])


class AcceptForm(NamedForm):
    """A lead's step to 跟进, which opens its project."""

    version = forms.IntegerField(label="版本", required=False)
    reason = forms.CharField(label="理由", max_length=300, required=False)
    forced = forms.BooleanField(label="强制推进", required=False)


class EvidenceForm(NamedForm):
    """A document or act a gate asks for."""

    kind = forms.ChoiceField(label="材料", choices=Evidence.Kind.recorded_here())
    event_on = PlausibleDayField(label="发生日期", help_text="文件签署或事情发生的那一天。")
    counted_on = PlausibleDayField(
        label="统计日期", required=False, help_text="计入月报的那一天；审核通过后再填也可以。"
    )
    number = forms.CharField(label="文号/编号", max_length=80, required=False)
    amount_wan = ValueField(label="金额（万元）", reads=values.amount_wan)
    note = forms.CharField(label="说明", max_length=300, required=False)
    paper = paper_field("材料文件")

    def __init__(self, *args, may_count, **kwargs):
        """`may_count`: whether this person confirms the 统计日期; others leave it to the bureau."""
        super().__init__(*args, **kwargs)
        if not may_count:
            del self.fields["counted_on"]

    def proof(self):
        return Proof(**{k: v for k, v in self.cleaned_data.items() if k != "paper"})


class FactForm(NamedForm):
    """One fact of the dictionary: the field's kind decides how its value is asked for."""

    as_of = DayField(label="数据日期", help_text="这个值是哪一天的；超过 12 个月会标为过期。")
    source = forms.ChoiceField(label="来源", choices=Fact.Source.choices)
    note = forms.CharField(label="依据", max_length=120, required=False, help_text="例如文件名、谈话人。")

    field_order = ["value", "as_of", "source", "note"]

    def __init__(self, *args, key, **kwargs):
        super().__init__(*args, **kwargs)
        self.key = key
        self.fields["value"] = in_our_words(dressed(fact_field(FACTS[key])), FACTS[key].label)
        self.order_fields(self.field_order)

    def entry(self):
        given = dict(self.cleaned_data)
        if FACTS[self.key].type == "bool":
            given["value"] = given["value"] == "true"
        return Entry(key=self.key, **given)


def fact_field(fact):
    """The form field that asks for `fact` (crm.rules.Field)."""
    label = f"{fact.label}（{fact.unit}）" if fact.unit else fact.label
    css = {"class": "form-control"}
    if fact.type == "bool":
        return forms.ChoiceField(label=label, choices=YES_NO, widget=forms.RadioSelect)
    if fact.type == "choice":
        select = forms.Select(attrs={"class": "form-select"})
        return forms.ChoiceField(label=label, choices=[("", "请选择"), *fact.choices.items()], widget=select)
    if fact.type == "set":
        boxes = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(label=label, choices=list(fact.choices.items()), widget=boxes)
    if fact.type == "date":
        return DayField(label=label)
    if fact.type == "money":
        field = ValueField(label=label, reads=values.amount_wan)
        field.required = True
        field.widget.attrs.update(css, placeholder="例如 3000 或 0.3亿")
        return field
    return forms.CharField(label=label, max_length=60, widget=forms.TextInput(attrs=css))


class EditForm(Remembering, NamedForm):
    """The fields of a project. Keeps what it showed when it opened, so that nobody is overwritten unseen."""

    name = forms.CharField(label="项目名称", max_length=120)
    owner = forms.ModelChoiceField(
        User.objects.none(), label="负责人", required=False, empty_label="没有负责人"
    )
    leader = forms.ModelChoiceField(
        User.objects.none(), label="联系区领导", required=False, empty_label="没有指定"
    )
    grade = forms.ChoiceField(
        label="项目级别（决定在谈多久一报）", choices=[("", "按投资额"), *Grade.choices], required=False
    )
    landing_mode = forms.ChoiceField(
        label="落地方式", choices=[("", "待定"), *LandingMode.choices], required=False
    )
    category = forms.ChoiceField(
        label="项目分类（决定决策路径）", choices=[("", "待定"), *Category.choices], required=False
    )
    amount_wan = ValueField(label="投资额（万元）", reads=values.amount_wan)
    prior_wan = ValueField(label="原有投资（万元，增资项目填）", reads=values.amount_wan)
    public_equity_wan = ValueField(label="财政或国资出资（万元，没有填 0）", reads=values.amount_wan)
    fixed_wan = ValueField(label="固定资产投资（万元）", reads=values.amount_wan)
    excess_note = forms.CharField(label="到位超过总投资的说明", max_length=300, required=False)
    area_sqm = ValueField(label="用房面积（㎡）", reads=values.area_sqm)
    land_mu = forms.DecimalField(
        label="用地（亩）", required=False, min_value=0, max_digits=12, decimal_places=2
    )
    sector = forms.ChoiceField(label="融合赛道", required=False)
    chain_position = forms.ChoiceField(
        label="链条位置", choices=[("", "待定"), *ChainPosition.choices], required=False
    )
    tracks = forms.ModelMultipleChoiceField(FutureTrack.objects.all(), label="未来赛道", required=False)
    carriers = forms.ModelMultipleChoiceField(Carrier.objects.all(), label="候选载体", required=False)
    carrier = forms.ModelChoiceField(
        Carrier.objects.all(), label="确定载体", required=False, empty_label="未定"
    )
    demands = area(label="企业诉求", required=False)
    problems = area(label="存在问题", required=False, rows=2)
    for_leader = area(label="请领导协调（写在一页纸上）", required=False, rows=2)
    next_step = forms.CharField(label="下一步", max_length=200, required=False)
    next_contact_on = DayField(label="下次联系日期", required=False)
    uscc = ValueField(label="统一社会信用代码", reads=values.uscc)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本")

    def __init__(self, *args, project, user, today, **kwargs):
        kwargs.setdefault("initial", initial_of(project))
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        if not project.excess_note and not project.receipts.standing().exists():
            del self.fields["excess_note"]
        self._offer_people(project, user)
        self._offer_sectors(project, today)
        self._offer_words(project, today)
        for name in ("tracks", "carriers"):
            self.fields[name].widget = forms.CheckboxSelectMultiple(choices=self.fields[name].choices)
        self.remember()

    def _offer_people(self, project, user):
        if not may(user, "assign", project):
            del self.fields["owner"], self.fields["leader"]
            return
        people = User.objects.filter(is_active=True)
        owners = people.filter(unit=project.unit_id, role__in=roles.WORKS_ON_LEADS)
        self.fields["owner"].queryset = offered(owners, project.owner_id)
        leaders = people.filter(role=roles.LEADER)
        self.fields["leader"].queryset = offered(leaders, project.leader_id)

    def _offer_words(self, project, today):
        chosen = {
            "tracks": [track.pk for track in project.tracks.all()],
            "carriers": [carrier.pk for carrier in project.carriers.all()],
            "carrier": [project.carrier_id],
        }
        for name, numbers in chosen.items():
            words = self.fields[name].queryset.model.objects.active(today)
            self.fields[name].queryset = offered(words, *numbers)

    def _offer_sectors(self, project, today):
        sectors = list(FusionSector.objects.active(today))
        if project.sector and project.sector not in sectors:
            sectors.append(project.sector)
        self.sectors = {sector.code: sector for sector in sectors}
        extra = [(kind.value, kind.label) for kind in (SectorKind.FOUNDATION, SectorKind.NONE)]
        self.fields["sector"].choices = [("", "待定"), *((s.code, s.name) for s in sectors), *extra]

    def over(self, project):
        """This form over the row as it stands now: own typing stays, the rest shows what others wrote."""
        how = {"project": project, "user": self.user, "today": self.today}
        return EditForm(self.typed_over(EditForm(**how)), **how)

    def words(self, name, value):
        """A value of field `name` as read on screen."""
        is_amount = name in AMOUNTS and value is not None
        return display.money(value) if is_amount else super().words(name, value)


def initial_of(project):
    """What the edit form shows for `project`."""
    numbers = {*AMOUNTS, "area_sqm", "land_mu"}
    same = [name for name in FIELDS if name not in numbers]
    return {
        **{name: getattr(project, name) for name in (*same, "version")},
        **{name: decimal_text(getattr(project, name)) for name in numbers},
        "sector": project.sector.code if project.sector else project.sector_kind,
        "tracks": [track.pk for track in project.tracks.all()],
        "carriers": [carrier.pk for carrier in project.carriers.all()],
        "uscc": (project.company.uscc or "") if project.company else "",
    }
