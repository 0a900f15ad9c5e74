"""Sheets: reading and judging, writing what was confirmed, and the list as a workbook."""

from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from django.core.files import File
from django.utils import timezone

from crm.models import Company, User
from leads import exports, importing
from leads.models import ImportJob, ImportRow, Lead, Roadshow
from projects.demo.crowd import firms
from tests.bench.measure import apart, typical

ROWS = 2000
SHEET_FIRMS = 5_000_000  # numbers of their codes, seven digits beyond those in the database
HEADERS = (
    "企业名称", "统一社会信用代码", "所在城市", "联系人", "职务", "联系电话", "拟投资额（万元）", "融合赛道",
    "对接日期", "需求面积（㎡）", "洽谈情况", "下一步", "备注",
)  # fmt: skip
MANY_ROWS = 20_000
KNOWN_EVERY = 10  # every tenth row is a company on file
FAULTY_EVERY = 40
NAMELESS_EVERY = 20  # every twentieth of many is one on file, written without its code
WRITTEN = "leads_lead", "leads_claim", "leads_visit", "leads_leadstagechange"
LEADS = "SELECT lead_id FROM leads_importrow WHERE job_id = {job}"
COMPANIES = "SELECT company_id FROM leads_lead WHERE id IN ({leads})"
CONSTANT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def measure(stand):
    """Preview, commit, export."""
    sheet = stand.folder / "名单.xlsx"
    rows = _write_sheet(sheet, max(30, min(ROWS, stand.book.size // 20)))
    job = _preview(stand, sheet, rows)
    _commit(stand, job)
    _whole(stand)
    _export(stand)


def _preview(stand, sheet, rows):
    spent = apart(_receive, sheet)
    copy = stand.bare.copy_again({"leads_importrow": f"job_id = {spent.result}"})

    def floor():
        list(CalamineWorkbook.from_path(str(sheet)).get_sheet_by_index(0).iter_rows())
        copy()

    floor_is = "the sheet read by bare calamine + COPY of the same preview rows"
    stand.book.add(
        "import_preview", spent.seconds, "s", typical(floor), floor_is, rows=rows, peak_mb=spent.peak_mb
    )
    return spent.result


def _receive(sheet):
    """As an upload: the guard, the reader in its own process, the verdicts, the preview rows."""
    person = User.objects.select_related("unit").get(username="station")
    trip = Roadshow.objects.filter(unit=person.unit).order_by("-starts_on").first()
    at = timezone.now()
    with sheet.open("rb") as file:
        job = importing.receive(File(file, sheet.name), trip, by=person, at=at)
    if job.state == ImportJob.State.UPLOADED:
        importing.check(job, at=at)
    return job.pk


def _commit(stand, job):
    spent = apart(_confirm, job)
    floor = typical(stand.bare.copy_again(_written(job)))
    floor_is = "COPY of the same rows into empty twins of the six tables, indexes included"
    stand.book.add(
        "import_commit", spent.seconds, "s", floor, floor_is, rows=spent.result, peak_mb=spent.peak_mb
    )


def _written(job):
    """{table: which rows this import wrote there}."""
    leads = LEADS.format(job=job)
    companies = COMPANIES.format(leads=leads)
    chosen = {"crm_company": f"id IN ({companies})", "crm_contact": f"company_id IN ({companies})"}
    return chosen | {
        table: f"{'id' if table == 'leads_lead' else 'lead_id'} IN ({leads})" for table in WRITTEN
    }


def _whole(stand):
    """From the upload to the last lead written, of a long sheet with rows of every sort."""
    sheet = stand.folder / "长名单.xlsx"
    rows = _write_long_sheet(sheet, max(60, min(MANY_ROWS, stand.book.size // 5)))
    spent = apart(_receive_and_confirm, sheet)
    job, became = spent.result
    copy = stand.bare.copy_again(_written(job) | {"leads_importrow": f"job_id = {job}"})
    floor_is = "COPY of the same rows, the preview's too, into empty twins of the seven tables"
    stand.book.add(
        "import_20000",
        spent.seconds,
        "s",
        typical(copy, 3),
        floor_is,
        rows=rows,
        peak_mb=spent.peak_mb,
        **became,
    )


def _receive_and_confirm(path):
    """As an officer does: fills what is ours, writes every third of the other doubtful rows all the same."""
    at, job = (
        timezone.now(),
        ImportJob.objects.select_related("by__unit", "roadshow", "unit").get(pk=_receive(path)),
    )
    paths = Counter()
    with _counted(paths):
        doubtful = job.rows.filter(verdict=ImportRow.Verdict.SUSPECTED).order_by("number")
        ours = job.rows.filter(verdict__in=importing.MAY_UPDATE, of_lead__isnull=False)
        update = list(ours.values_list("number", flat=True))
        write = list(doubtful.filter(of_lead=None).values_list("number", flat=True)[::3])
        importing.confirm(job, write=write, update=update, by=job.by, at=at)
        importing.write_rows(job, at=at)
    counts = {key: job.counts[key] for key in ("written", "filled", "refused", "error")}
    return job.pk, counts | {"one_by_one": paths["one by one"]}


@contextmanager
def _counted(paths):
    """Count the rows that are captured one by one, because another line of their lot repeats them."""
    single = importing.capture

    def counted(*args, **kwargs):
        paths["one by one"] += 1
        return single(*args, **kwargs)

    importing.capture = counted
    try:
        yield
    finally:
        importing.capture = single


def _confirm(job_id):
    at = timezone.now()
    job = ImportJob.objects.select_related("by__unit", "roadshow", "unit").get(pk=job_id)
    importing.confirm(job, by=job.by, at=at)
    importing.write_rows(job, at=at)
    return job.counts["written"]


def _export(stand):
    file = stand.folder / "导出.xlsx"
    spent = apart(_workbook, file)
    bare = apart(_bare_workbook, file)
    floor_is = "the same cells written by bare XlsxWriter in constant memory"
    more = {"rows": spent.result, "peak_mb": spent.peak_mb, "floor_peak_mb": bare.peak_mb}
    stand.book.add("export_xlsx", spent.seconds, "s", bare.result, floor_is, **more)


def _workbook(path):
    manager = User.objects.get(username="manager")
    file, rows = exports.workbook(Lead.objects.visible_to(manager), by=manager, at=timezone.now())
    with file:
        path.write_bytes(file.read())
    return rows


def _bare_workbook(path):
    """Seconds to write the cells of this workbook once more, without anything around it."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return typical(lambda: _bare_write(path.with_suffix(".bare"), rows), times=1)


def _bare_write(path: Path, rows):
    with xlsxwriter.Workbook(str(path), {**CONSTANT, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell not in ("", None):
                    sheet.write(number, column, cell)


def _write_sheet(path, rows):
    """A sheet as an officer keeps it: mostly new companies, some on file, some with a mistake."""
    known = list(Company.objects.order_by("pk").values_list("name", "uscc")[:rows])
    _write_rows(path, rows, lambda number: known[number] if number % KNOWN_EVERY == 1 else None, SHEET_FIRMS)
    return rows


def _write_long_sheet(path, rows):
    """One as long as sheets get: also companies on file without their code; none of the short one."""
    known = list(Company.objects.order_by("-pk").values_list("name", "uscc")[:rows])

    def on_file(number):
        name, uscc = known[number % len(known)]
        if number % KNOWN_EVERY == 1:
            return name, uscc
        return (name, "") if number % NAMELESS_EVERY == 3 else None

    _write_rows(path, rows, on_file, SHEET_FIRMS + ROWS)
    return rows


def _write_rows(path, rows, on_file, first):
    """`rows` rows: those companies that `on_file`(number) names, else new ones from the number `first` on."""
    new = firms(rows, first=first, taken=set())
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("对接表")
        sheet.write_row(0, 0, HEADERS)
        for number in range(rows):
            firm = next(new)
            name, uscc = on_file(number) or (firm.name, firm.uscc)
            phone = "12345" if number % FAULTY_EVERY == 2 else f"154{number:08d}"
            sheet.write_row(number + 1, 0, _cells(name, uscc, phone, number))


def _cells(name, uscc, phone, number):
    amount = f"{number % 90 / 10 + 0.1:.1f}亿"
    return (
        name, uscc or "", "深圳", "王总", "总经理", phone, amount, "智能制造", "2026年4月14日", "1200",
        "介绍载体与政策，企业有意来杭考察", "约企业来杭考察", "",
    )  # fmt: skip
