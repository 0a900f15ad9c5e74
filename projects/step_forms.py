"""The forms beside the stages of a project: suspending it, its meetings, the firms behind it."""

from django import forms

from crm import values
from crm.forms import NamedForm, PlausibleDayField, ValueField
from projects.deciding import Passing, Withdrawal
from projects.parties import Party


class SuspendForm(NamedForm):
    """挂起 until a day, with a reason."""

    until = PlausibleDayField(label="挂起至")
    reason = forms.CharField(label="挂起理由", max_length=300, required=False)
    version = forms.IntegerField(label="版本", required=False, widget=forms.HiddenInput)


class ResumeForm(NamedForm):
    """Going on before the agreed day."""

    version = forms.IntegerField(label="版本", required=False)


class PassForm(NamedForm):
    """A meeting that passed the project."""

    node = forms.SlugField(label="会议", max_length=20, widget=forms.HiddenInput)
    passed_on = PlausibleDayField(label="通过日期")
    minutes = forms.CharField(label="会议纪要文号", max_length=80, required=False)
    note = forms.CharField(label="说明", max_length=300, required=False)

    def passing(self):
        return Passing(**self.cleaned_data)


class WithdrawForm(NamedForm):
    """A pass taken back."""

    on = PlausibleDayField(label="撤回日期")
    reason = forms.CharField(label="撤回理由", max_length=300, required=False)

    def withdrawal(self):
        return Withdrawal(**self.cleaned_data)


class PartyForm(NamedForm):
    """Who invests, or the firm registered in 拱墅."""

    name = forms.CharField(label="企业全称", max_length=120)
    uscc = ValueField(label="统一社会信用代码", reads=values.uscc)
    is_ours = forms.BooleanField(label="就是本项目的企业或团队（改用这个名称和代码）", required=False)

    reason = forms.CharField(label="仍要关联的理由", max_length=200, required=False)

    def party(self):
        given = self.cleaned_data
        return Party(given["name"], given["uscc"] or "", given["is_ours"], given["reason"])


def party_forms(project):
    """The forms that link a project's firms; a project without a coded firm registers its own by default."""
    company = project.company
    ours = {"name": company.name, "is_ours": True} if company and not company.uscc else {}
    known = (
        {"name": company.name, "uscc": company.uscc, "is_ours": True} if company and company.uscc else ours
    )
    return {
        "investor_form": PartyForm(prefix="investor"),
        "registered_form": PartyForm(prefix="registered", initial=known),
    }
