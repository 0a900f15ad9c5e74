"""What the project of the kept lead takes over in a merge, where it says the same things itself.

A project carries its own classification, size and plan from the day it was opened; after a merge it is worked
on, not its lead. Gaps are filled, and a person chooses where the two differ; LEFT stays as it is.
"""

from crm.errors import Refused

CARRIED = (
    "city", "sector_kind", "sector", "chain_position", "amount_wan", "area_sqm", "next_step",
    "next_contact_on",
)  # fmt: skip
CHOSEN = tuple(name for name in CARRIED if name != "sector")  # a sector goes with its kind
SECTOR = {"sector_kind", "sector"}
# what a project has beside its lead and a merge leaves alone: (label, why)
LEFT = (
    ("项目名称", "协议、审查、推荐和督办都按项目名称办理，要改请在项目页更正"),
    ("投资主体", "是一家登记在册的企业，不是一个名字，请在项目页的「投资主体」里选定"),
    ("企业诉求", "是谈到现在的诉求；并入那条的情况说明在它自己的页面上照样读得到"),
)


class ProjectRefused(Refused):
    """The project cannot take what was chosen; `field` names it."""

    code = "invalid"


def project_of(lead):
    """The project of a lead, None when there is none."""
    return getattr(lead, "project", None)


def says(record, name):
    """Whether `record` says anything there."""
    return getattr(record, name) not in (None, "")


def gaps(project, gone):
    """The columns of which the project says nothing and the lead that goes something."""
    found = [name for name in CHOSEN if not says(project, name) and says(gone, name)]
    return [name for name in found if _fits(project, name, gone)]


def take(keep, gone, chosen, at):
    """Fill the gaps of the project of `keep` from `gone`, and what is `chosen`; {column: [before, after]}.

    Raises ProjectRefused for a column no project has, and for a sum below the money that has arrived.
    """
    project = locked(keep)
    if project is None:
        return {}
    for name in chosen:
        _check(project, name, gone)
    names = [*gaps(project, gone), *(name for name in chosen if says(gone, name))]
    before = texts(project)
    for name in [*names, *(["sector"] if "sector_kind" in names else [])]:
        setattr(project, name, getattr(gone, name))
    return _saved(project, before, at)


def part(keep, taken, at):
    """Give the project of `keep` back what `take` changed, unless it says something else by now."""
    project = locked(keep)
    if project is None or not taken:
        return
    now = texts(project)
    others = {name for name, (_, after) in taken.items() if now[name] != after}
    if others & SECTOR:
        others |= SECTOR
    for name in taken.keys() - others:
        field, before = project._meta.get_field(name), taken[name][0]
        was = None if before is None else field.to_python(before)
        if name != "amount_wan" or was is None or was >= project.receipts.total():
            setattr(project, field.attname, was)
    _saved(project, now, at)


def texts(record):
    """{column: its value as text, None for nothing} of all that a project may take over."""
    fields = {name: record._meta.get_field(name) for name in CARRIED}
    return {
        name: None if getattr(record, field.attname) is None else field.value_to_string(record)
        for name, field in fields.items()
    }


def locked(keep):
    """The project of `keep` as it stands, held to the end of the transaction; None when there is none.

    Who also locks orders or companies asks for it first.
    """
    project = project_of(keep)
    if project is None:
        return None
    rows = type(project).objects.select_for_update(of=("self",)).select_related("sector", "city")
    return rows.get(pk=project.pk)


def _saved(project, before, at):
    after = texts(project)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        project.save_version(project.version, changed, at=at)
    return changed


def _check(project, name, gone):
    if name not in CHOSEN:
        raise ProjectRefused(f"项目没有可以这样选的「{name}」。")
    if not _fits(project, name, gone):
        raise ProjectRefused(
            "项目已经到位的资金多于并入那条的投资额，不能照它改。确实如此的，请在项目页改投资额并写明原因。",
            field=f"project_{name}",
        )


def _fits(project, name, gone):
    """A sum below what has arrived wants words that the page of the project asks for (domain §5.1)."""
    return name != "amount_wan" or gone.amount_wan is None or gone.amount_wan >= project.receipts.total()
