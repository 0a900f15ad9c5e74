"""Two records of one company: what the kept one takes of the other when leads are merged, and gives back.

Names and code go over always. 资质, facts and links do while nobody else works with the other record; the
first two keep which record they came from, and where both say something, both stay.
"""

from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Coalesce

from crm.models import Company, CompanyLink, Fact
from leads.stages import LeadStage

FILLED = ("brand", "city", "established_on", "description")  # where the kept company says nothing itself
KINDS = ("qualifications", "facts")
SIDES = {"links_given": "giver", "links_taken": "taker"}


def repoint(rows, **target):
    """Point these rows elsewhere; returns their keys."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=keys).update(**target)
    return keys


def join(keep, gone, lead, at):
    """Let `keep` take over from `gone`, the company of the merged `lead`; {what: keys or values} for `part`.

    Under "stayed" stands how many 资质 and facts stay because somebody else works with `gone`.
    """
    if keep is None or gone is None:
        return {}
    list(Company.objects.select_for_update(no_key=True).filter(pk__in=[keep.pk, gone.pk]).order_by("pk"))
    moved = {**_take_names(keep, gone, at)}
    if _is_used(gone, lead):
        return {**moved, "stayed": {kind: _rows(gone, kind).count() for kind in KINDS}}
    links = {side: _take_links(side, keep, gone) for side in SIDES}
    _reopen(keep, gone)
    return {**moved, **links, **{kind: _take(kind, keep, gone) for kind in KINDS}}


def part(keep, gone, moved, at):
    """Give `gone` back what `join` moved, as far as `keep` still has it."""
    for kind in KINDS:
        rows = _rows(keep, kind).filter(pk__in=moved.get(kind, ()))
        rows.filter(from_company=gone).update(from_company=None)
        repoint(rows, company=gone)
    for side in SIDES:
        repoint(_rows(keep, side).filter(pk__in=moved.get(side, ())), **{SIDES[side]: gone})
    _empty(keep, moved.get("filled", {}))
    keep.aliases = [name for name in keep.aliases if name not in moved["aliases"]]
    goes_back = moved.get("uscc") is not None and keep.uscc == moved["uscc"]
    if goes_back:
        keep.uscc = None
    keep.updated_at = gone.updated_at = at
    keep.save()
    if goes_back:
        gone.uscc = moved["uscc"]
    gone.save()


def _take_names(keep, gone, at):
    """The kept company goes by the other's names, too, and takes what it lacks of code and columns."""
    taken = [name for name in (gone.name, *gone.former_names, *gone.aliases) if not keep.is_called(name)]
    keep.aliases, keep.updated_at = [*keep.aliases, *taken], at
    moved = {"aliases": taken, "filled": _fill(keep, gone)}
    if gone.uscc and not keep.uscc:
        moved["uscc"], code = gone.uscc, gone.uscc
        gone.uscc, gone.updated_at = None, at
        gone.save()
        keep.uscc = code
    keep.save()
    return moved


def _fill(keep, gone):
    """Fill what the kept company does not say; {column: the value as text}."""
    filled = {}
    for name in FILLED:
        field = keep._meta.get_field(name)
        value = getattr(gone, field.attname)
        if value and not getattr(keep, field.attname):
            setattr(keep, field.attname, value)
            filled[name] = field.value_to_string(gone)
    return filled


def _empty(keep, filled):
    """Take back what a merge filled in, unless somebody has written something else there since."""
    for name, text in filled.items():
        field = keep._meta.get_field(name)
        if field.value_to_string(keep) == text:
            setattr(keep, field.attname, field.get_default())


def _take(kind, keep, gone):
    """Point what `gone` has to `keep`; what came to it from a third record still says so."""
    return repoint(_rows(gone, kind), company=keep, from_company=Coalesce(F("from_company"), Value(gone.pk)))


def _reopen(keep, gone):
    """Of what both have facts, whoever chose a value chose it without the other's: that is open again."""
    both = set(keep.facts.values_list("key", flat=True)) & set(gone.facts.values_list("key", flat=True))
    chosen = Fact.objects.filter(company__in=[keep, gone], key__in=both, chosen_at__isnull=False)
    chosen.update(chosen_over=0)


def _take_links(side, keep, gone):
    """Point what `gone` is to others to `keep`, but for links of the two and those `keep` has itself."""
    here, there = ("giver", "taker") if side == "links_given" else ("taker", "giver")
    known = CompanyLink.objects.standing().filter(
        **{here: keep, there: OuterRef(there)}, kind=OuterRef("kind")
    )
    rows = _rows(gone, side).exclude(**{there: keep}).exclude(Exists(known), ended_at=None)
    return repoint(rows, **{here: keep})


def _rows(company, kind):
    return getattr(company, kind).all()


def _is_used(company, lead):
    """Whether another lead than `lead`, or a project, stands on this record."""
    others = company.leads.exclude(pk=lead.pk).exclude(stage=LeadStage.MERGED)
    return others.exists() or company.projects.exists()
