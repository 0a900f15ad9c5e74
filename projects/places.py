"""去补充: where each thing a project lacks, for its next stage or for a fund, is filled in."""

from django.urls import reverse

from crm.permissions import may
from projects.gates import TEXTS as PAPERS
from projects.mending import FIELDS, SETS

PANELS = ("visit", "decisions", "parties")
EDITED = {*FIELDS, *SETS, "sector", "uscc"}
# a fact that is a column of the project is mended in the edit form, at this field
COLUMNS = {
    "total_investment": "amount_wan",
    "fixed_investment": "fixed_wan",
    "area_need": "area_sqm",
    "land_need": "land_mu",
    "sector": "sector",
    "tracks": "tracks",
    "chain_position": "chain_position",
}


# what has a table of its own is entered there
ELSEWHERE = {
    "agreement": lambda project: f"{reverse('projects:agreement_new', args=[project.pk])}#id_kind",
    "commitments": lambda project: f"{project.get_absolute_url()}#commitments",
    "capital": lambda project: f"{reverse('projects:receipts', args=[project.pk])}#receive-title",
}


def beside(project, missing, user):
    """[(Missing, address)]: beside each thing where `user` can fill it in, "" if nowhere."""
    can_edit = may(user, "edit", project)
    return [(item, _place(project, item) if can_edit else "") for item in missing]


# a fact that is a column of the lead: in its edit form, or in its opinion
OF_LEAD = {
    "total_investment": ("edit", "amount_wan"),
    "area_need": ("edit", "area_sqm"),
    "sector": ("detail", "sector"),
    "tracks": ("detail", "tracks_0"),
    "chain_position": ("detail", "chain_position"),
}


def of_fact(project, key):
    """Where the fact `key` can be entered: where its column or table is, else in its own form."""
    return of_column(project, key) or reverse("projects:fact", args=[project.pk, key])


def of_column(record, key):
    """Where a fact that has a column or table of its own is entered, of a project or lead; "" for others."""
    is_lead = record._meta.model_name == "lead"
    if key == "qualifications":
        return reverse(f"{'leads' if is_lead else 'projects'}:qualifications", args=[record.pk])
    if not is_lead:
        return _in_edit(record, COLUMNS[key]) if key in COLUMNS else ""
    if key not in OF_LEAD:
        return ""
    page, field = OF_LEAD[key]
    return f"{reverse(f'leads:{page}', args=[record.pk])}#id_{field}"


def _place(project, item):
    page = project.get_absolute_url()
    if item.code in ELSEWHERE:
        return ELSEWHERE[item.code](project)
    if item.code in PAPERS:
        return f"{page}?evidence={item.code}#evidence"
    if item.field == "contact":
        return f"{page}?contact=new#contact"
    if item.field == "commitments":
        return f"{page}#commitments"
    if item.field == "incentives":
        return reverse("projects:incentives", args=[project.pk])
    if item.field in PANELS:
        return f"{page}#{item.field}"
    field = "sector" if item.field == "sector_kind" else item.field
    return _in_edit(project, field) if field in EDITED else ""


def _in_edit(project, field):
    return f"{reverse('projects:edit', args=[project.pk])}#id_{field}"
