"""到位资金: entering money that arrived, withdrawing what was wrong, and the sums by year (domain §5.1)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum, Value
from django.db.models.functions import Replace

from crm import audit, display
from crm.errors import Refused
from crm.permissions import require
from crm.values import unspaced
from crm.workdays import shanghai_day
from projects.days import check_year
from projects.models import Project, Receipt
from projects.papers import attach

ZERO = Decimal(0)


class ReceiptRefused(Refused):
    """The receipt cannot stand as entered; `field` names what to mend."""

    code = "invalid"


@dataclass(frozen=True)
class Money:
    """Money that arrived, in 万元, with its proof."""

    amount_wan: Decimal | None
    received_on: date
    purpose: str
    proof: str
    proof_number: str
    explanation: str = ""


@transaction.atomic
def receive(project, money, *, by, at, scan=None):
    """Enter a receipt, with the file of its proof when there is one (`scan`, an upload).

    More than 总投资 in all wants an explanation; a proof is used once, here or elsewhere. A project in 流失
    takes none but what is written anew for one withdrawn.

    The project's row is locked, so that two people entering at once cannot pass the sum together.
    """
    require(by, "edit", project)
    row = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    number = unspaced(money.proof_number)
    _check(money, number, at)
    _check_proof(row, money.proof, number)
    if not _is_written_anew(row, money, number):
        row.check_takes("到位资金", ReceiptRefused)
    _check_sum(row, money)
    given = {**vars(money), "proof_number": number, "purpose": money.purpose.strip()}
    receipt = _written(row, {**given, "by": by, "created_at": at})
    Project.objects.filter(pk=row.pk).update(updated_at=at)
    if scan is not None:
        attach(receipt, scan, by=by, at=at)
    return receipt


def takes(project, rows):
    """Whether a receipt can still be entered beside its `rows`: in 流失 only anew for one withdrawn."""
    return not project.is_lost or any(row.withdrawn_at for row in rows)


def _written(project, given):
    """The new row; of two people who use one proof on two projects at once, the second is refused."""
    try:
        with transaction.atomic():
            return Receipt.objects.create(project=project, **given)
    except IntegrityError:
        _check_proof(project, given["proof"], given["proof_number"])
        raise


def _is_written_anew(project, money, number):
    """Whether this puts right a receipt that was withdrawn: the same proof, or the same day and amount."""
    proof = Q(proof=money.proof, proof_number=number)
    sum_of_day = Q(received_on=money.received_on, amount_wan=money.amount_wan)
    return project.receipts.filter(proof | sum_of_day, withdrawn_at__isnull=False).exists()


def _check(money, number, at):
    if money.amount_wan is None or money.amount_wan <= 0:
        raise ReceiptRefused("到位金额要大于 0；还没有到位的不要登记。", field="amount_wan")
    check_year(money.received_on, "到位日期", ReceiptRefused, field="received_on")
    if money.received_on > shanghai_day(at):
        raise ReceiptRefused("到位日期不能晚于今天：钱到了再登记。", field="received_on")
    if not money.purpose.strip():
        raise ReceiptRefused("请填写用途。", field="purpose")
    if not number:
        raise ReceiptRefused("请填写凭证号：没有凭证的不计到位资金。", field="proof_number")


def _check_proof(project, proof, number):
    bare = Replace("proof_number", Value(" "), Value(""))  # earlier ones were kept with their spaces
    used = Receipt.objects.standing().annotate(bare=bare).filter(proof=proof, bare=number).first()
    if used is None:
        return
    where = f"本项目 {used.received_on} 的到位资金" if used.project_id == project.pk else "另一个项目"
    raise ReceiptRefused(
        f"凭证号 {number} 已用于{where}，一份凭证只计一次。确为另一份凭证的，请在凭证号前写明出具单位。",
        code="proof_used",
        field="proof_number",
    )


def _check_sum(project, money):
    if project.amount_wan is None or money.explanation.strip():
        return
    whole = project.receipts.total() + money.amount_wan
    if whole > project.amount_wan:
        text = beyond(whole, project.amount_wan)
        raise ReceiptRefused(text, code="above_total", field="explanation")


def beyond(arrived, whole):
    """What is said when more money arrived than is invested, in 万元."""
    return (
        f"累计到位 {display.money(arrived, None)}，超过总投资 {display.money(whole, None)}。"
        "请核对金额和单位；确实超出的，请写明原因。"
    )


@transaction.atomic
def withdraw(receipt, reason, *, by, at):
    """Take a wrong receipt out of every sum; it stays visible with the reason, the right one is written anew.

    Raises NotAllowed, and ReceiptRefused without a reason or for one withdrawn before.
    """
    require(by, "edit", receipt.project)
    row = Receipt.objects.select_for_update(of=("self",)).get(pk=receipt.pk)
    if row.withdrawn_at:
        raise ReceiptRefused("这笔到位资金已经撤销。", code="withdrawn")
    if not reason.strip():
        raise ReceiptRefused(
            "请写明撤销原因，然后重新登记正确的一笔。", code="reason_required", field="reason"
        )
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = at, by, reason.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    Project.objects.filter(pk=row.project_id).update(updated_at=at)
    detail = {"project": row.project_id, "name": str(row), "reason": row.withdrawn_reason}
    audit.record(by, "withdraw", row, detail=detail, at=at)
    return row


@dataclass
class YearSum:
    """The receipts of one year and their sum; withdrawn ones are shown and not summed."""

    year: int
    amount_wan: Decimal = ZERO
    rows: list = field(default_factory=list)


def by_year(receipts):
    """YearSums of loaded receipts, newest year first."""
    found = defaultdict(list)
    for row in receipts:
        found[row.received_on.year].append(row)
    return [
        YearSum(year, sum((r.amount_wan for r in rows if not r.withdrawn_at), ZERO), rows)
        for year, rows in sorted(found.items(), reverse=True)
    ]


def sums(receipts, year):
    """{(unit id, lead id): (number, 万元)} of a year, a project each, over receipts; one query."""
    rows = receipts.standing().order_by().filter(received_on__year=year)
    rows = rows.values("project__unit", "project__lead").annotate(number=Count("pk"), sum=Sum("amount_wan"))
    return {(row["project__unit"], row["project__lead"]): (row["number"], row["sum"]) for row in rows}
