"""What a bulk action needs to know: who, where to, which tag."""

from django import forms

from crm import roles
from crm.forms import NamedForm
from crm.models import BulkJob, Tag, User
from leads import bulk as of_leads
from projects import bulk as of_projects

TARGETS = {"leads": of_leads.targets, "projects": of_projects.targets}


class AssignForm(NamedForm):
    """Who shall be responsible: somebody of the units the records belong to."""

    owner = forms.ModelChoiceField(User.objects.none(), label="负责人", empty_label="请选择")

    def __init__(self, *args, job, today, **kwargs):
        super().__init__(*args, **kwargs)
        rows = of_projects.OF_KIND[job.kind].rows.objects.filter(job=job)
        people = User.objects.filter(is_active=True, role__in=roles.WORKS_ON_LEADS)
        people = people.filter(unit__in=rows.order_by().values("record__unit").distinct())
        self.fields["owner"].queryset = people.select_related("unit").order_by("unit_id", "name")
        self.fields["owner"].label_from_instance = lambda person: f"{person.unit}｜{person}"

    def given(self):
        owner = self.cleaned_data["owner"]
        return {"owner": owner.pk, "said": f"负责人 {owner}"}


class MoveForm(NamedForm):
    """Where to, and why; going back or aside wants a reason."""

    stage = forms.ChoiceField(label="移到阶段")
    reason = forms.CharField(label="理由", max_length=300, required=False)

    def __init__(self, *args, job, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = TARGETS[job.kind]()
        self.fields["reason"].help_text = "退回、储备必填；会写进每一条的阶段记录。"

    def given(self):
        data = self.cleaned_data
        label = dict(self.fields["stage"].choices)[data["stage"]]
        return {"stage": data["stage"], "reason": data["reason"].strip(), "said": f"移到「{label}」"}


class TagForm(NamedForm):
    """A tag there is, or the name of a new one."""

    tag = forms.ModelChoiceField(Tag.objects.none(), label="标签", required=False, empty_label="新标签")
    tag_name = forms.CharField(label="新标签的名称", max_length=20, required=False)

    def __init__(self, *args, job, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = Tag.objects.visible_to(job.by).active(today)

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("tag") and not data.get("tag_name"):
            self.add_error("tag_name", "请选一个标签，或写一个新标签的名称。")
        return data

    def given(self):
        if tag := self.cleaned_data["tag"]:
            return {"tag": tag.pk, "said": f"标签「{tag}」"}
        name = self.cleaned_data["tag_name"]
        return {"tag_name": name, "said": f"新标签「{name}」"}


class UntagForm(NamedForm):
    """The tag to be taken away; also one that has ended."""

    tag = forms.ModelChoiceField(Tag.objects.none(), label="标签", empty_label="请选择")

    def __init__(self, *args, job, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = Tag.objects.visible_to(job.by)

    def given(self):
        tag = self.cleaned_data["tag"]
        return {"tag": tag.pk, "said": f"标签「{tag}」"}


FORMS = {
    BulkJob.Action.ASSIGN: AssignForm,
    BulkJob.Action.MOVE: MoveForm,
    BulkJob.Action.TAG: TagForm,
    BulkJob.Action.UNTAG: UntagForm,
}
