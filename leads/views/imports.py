"""导入: upload, preview, confirm, and the workbook of rows that were not taken."""

import re
from datetime import timedelta
from io import BytesIO

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, for_readers, says_why
from crm.bell import ring
from crm.display import mask_phone
from crm.errors import Refused
from crm.permissions import may, require
from crm.sheets import bare
from crm.sheets.header import Header
from crm.sheets.writer import write_rejected
from crm.workdays import shanghai_day
from leads import column_choices, import_updates, importing, undoing, undoing_lots
from leads.import_words import Words
from leads.models import ImportJob, ImportRow, Lead, Roadshow
from leads.roadshow_forms import ImportForm, UndoForm, UploadForm
from leads.sheet_columns import write_roadshow_template
from leads.tasks import resume_import
from leads.views.roadshows import DIGITS, trip_page

ROWS_SHOWN = 100
JOBS_SHOWN = 50
LONG = timedelta(minutes=2)  # twenty thousand rows are read in a few seconds
LINES_SHOWN = 5  # of the sheet, while a person is asked what it holds
SAMPLES = 2  # lines shown below the name of a column
HEAD_SHOWN = 60  # characters of a row that may be the header
NUMBER, ADDRESS = re.compile(r"\d[\d -]{5,}\d"), re.compile(r"\S+@")
CODE = re.compile(
    r"[0-9A-Z]{8}(?=[0-9A-Z]{0,8}[A-Z])[0-9A-Z]{10}"
)  # of a firm; an identity card has digits there
DAY = re.compile(r"20\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?")
VERDICTS = ImportRow.Verdict.choices


@deed("leads:roadshow")
def upload(request, pk):
    """Take a sheet for a trip; a refused file says why on the trip's page and leaves nothing behind."""
    trip = get_object_or_404(Roadshow.objects.visible_to(request.user), pk=pk)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return trip_page(request, trip, status=400, upload_form=form)
    try:
        job = importing.receive(form.cleaned_data["file"], trip, by=request.user, at=timezone.now())
    except Refused as refusal:
        form.add_refusal(refusal)
        return trip_page(request, trip, status=refusal.status, upload_form=form, refusal=refusal)
    ring(resume_import, job.pk)
    return redirect(job)


@require_safe
@for_readers("导入", ImportJob.objects.visible_to)
def import_list(request):
    """The imports one may see, the newest first, and the form that takes a sheet for any trip."""
    return _list_page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def import_new(request):
    """Take a sheet for the trip that is named; a refused file says why and leaves nothing behind."""
    if request.method != "POST":  # led back here by a login
        return redirect("leads:imports")
    require(request.user, "import")
    form = ImportForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _list_page(request, form, 400)
    given = form.cleaned_data
    try:
        job = importing.receive(given["file"], given["roadshow"], by=request.user, at=timezone.now())
    except Refused as refusal:
        form.add_refusal(refusal)
        return _list_page(request, form, refusal.status)
    ring(resume_import, job.pk)
    return redirect(job)


def _list_page(request, form=None, status=200):
    may_import = may(request.user, "import")
    jobs = ImportJob.objects.visible_to(request.user).select_related("by", "roadshow", "unit")
    context = {
        "jobs": jobs.order_by("-created_at", "-pk")[:JOBS_SHOWN],
        "form": (form or ImportForm(user=request.user)) if may_import else None,
        "may_import": may_import,
    }
    return TemplateResponse(request, "leads/imports.html", context, status=status)


def _job(request, pk):
    return get_object_or_404(
        ImportJob.objects.visible_to(request.user).select_related("roadshow", "by"), pk=pk
    )


@require_safe
def import_job(request, pk):
    """The preview, the progress or the outcome, by the job's state; htmx asks for the piece."""
    job = _job(request, pk)
    verdict = request.GET.get("verdict", "")
    rows = job.rows.filter(verdict=verdict) if verdict in ImportRow.Verdict.values else job.rows.all()
    shown = list(rows.select_related("of_lead", "lead")[: ROWS_SHOWN + 1])
    _hide_invisible(shown, request.user)
    _foresee_updates(shown, job)
    may_import = may(request.user, "import", job.roadshow)
    header, mapping = _read_as(job, request.GET.get("head", ""))
    context = {
        "job": job,
        "verdict": verdict,
        "verdicts": [(code, label, job.counts.get(code, 0)) for code, label in VERDICTS],
        "rows": shown[:ROWS_SHOWN],
        "has_more": len(shown) > ROWS_SHOWN,
        "is_open": job.state == ImportJob.State.CHECKED,
        "heads": _heads(job),
        "header_row": header.row,
        "first_lines": _first_lines(job),
        "columns": _columns(job, header, mapping),
        "column_choices": column_choices.CHOICES,
        "is_working": job.is_being_undone or job.state in (ImportJob.State.UPLOADED, ImportJob.State.WRITING),
        "progress": _progress(job),
        "is_kept_waiting": _is_kept_waiting(job, timezone.now()),
        **_chosen(job),
        "may_import": may_import,
        "may_undo": may_import and undoing.may_be_undone(job),
    }
    template = "leads/_import.html" if request.htmx else "leads/import.html"
    return TemplateResponse(request, template, context)


def _hide_invisible(rows, user):
    ids = {row.of_lead_id for row in rows} | {row.lead_id for row in rows}
    seen = set(Lead.objects.visible_to(user).filter(pk__in=ids - {None}).values_list("pk", flat=True))
    for row in rows:
        row.shown_lead = row.lead if row.lead_id in seen else None
        row.shown_twin = row.of_lead if row.of_lead_id in seen else None


def _foresee_updates(rows, job):
    """What each row that may be a lead of ours would fill there, and where it says something else."""
    if job.state != ImportJob.State.CHECKED:
        return
    words, today = Words(), shanghai_day(timezone.now())
    for row in rows:
        row.may_update = row.verdict in importing.MAY_UPDATE and row.shown_twin is not None
        row.plan = import_updates.plan(row.shown_twin, row, words, today) if row.may_update else None


def _read_as(job, head):
    """(Header, mapping) of the row that was taken for the header; while a person is asked, of row `head`."""
    is_asked = job.state == ImportJob.State.UNCLEAR
    if is_asked and _number(head) in {bare.ROW, *dict(column_choices.heads(job.lines))}:
        header = column_choices.head(job.lines, _number(head))
        return header, column_choices.likely(header, job.lines)
    return Header(job.header_row, texts=job.columns), job.mapping


def _heads(job):
    """(row number, what stands there) of the rows that may be the header, while a person is asked."""
    if job.state != ImportJob.State.UNCLEAR:
        return []
    told = [
        (number, [_sample(texts, n) for n in range(len(texts))])
        for number, texts in column_choices.heads(job.lines)
    ]
    return [(number, "｜".join(filter(None, texts))[:HEAD_SHOWN]) for number, texts in told]


def _first_lines(job):
    """(row number, texts as they may be shown) of the first rows, while a person is asked what they are."""
    if job.state != ImportJob.State.UNCLEAR:
        return []
    size = bare.width(job.lines[:LINES_SHOWN])
    return [(number, [_sample(texts, n) for n in range(size)]) for number, texts in job.lines[:LINES_SHOWN]]


def _columns(job, header, mapping):
    """(place, header, key of what it is read as, samples) of the columns that have a header."""
    if job.state == ImportJob.State.UNCLEAR:
        rows = [texts for number, texts in job.lines if number > header.row][:SAMPLES]
    elif job.state == ImportJob.State.CHECKED:
        rows = list(job.rows.values_list("cells", flat=True)[:SAMPLES])
    else:
        return []
    return [
        (place, text, mapping.get(str(place), ""), list(filter(None, (_sample(c, place) for c in rows))))
        for place, text in enumerate(header.texts)
        if text and not _is_blank(job, header, place)
    ]


def _is_blank(job, header, place):
    """Whether nothing stands in a column that has no name either, as far as one is asked about it."""
    is_asked = header.row == bare.ROW and job.state == ImportJob.State.UNCLEAR
    return is_asked and not any(texts[place : place + 1] not in ([], [""]) for _, texts in job.lines)


def _sample(cells, place):
    """A cell as it may be shown: no number somebody could call, no address to write to."""
    cell = cells[place] if place < len(cells) else None
    text = "" if cell is None else f"{cell:.15g}" if isinstance(cell, float) else str(cell)
    if DAY.fullmatch(text) or CODE.fullmatch(text):
        return text
    return NUMBER.sub(lambda found: mask_phone(found[0]), ADDRESS.sub("***@", text))[:20]


def _is_kept_waiting(job, at):
    """Whether a sheet brought a while ago was never read: the workers are busy, or there are none."""
    is_unread = job.state == ImportJob.State.UPLOADED and not job.columns
    return is_unread and at - job.created_at > LONG


def _progress(job):
    if job.is_being_undone:
        return undoing_lots.progress(job)
    if job.state != ImportJob.State.WRITING:
        return None
    total = job.rows.exclude(decision=ImportRow.Decision.SKIP).count()
    left = importing.to_write(job).count() + importing.to_update(job).count()
    return {"total": total, "done": total - left}


def _chosen(job):
    return {"chosen": importing.to_write(job).count(), "chosen_updates": importing.to_update(job).count()}


@deed("leads:import")
def import_columns(request, pk):
    """Read the sheet as the person says: which column is what."""
    job, at = _job(request, pk), timezone.now()
    named = [name for name in request.POST if name.startswith("column-")]
    said = {name.removeprefix("column-"): request.POST[name] for name in named}
    importing.read_as(job, said, head=_number(request.POST.get("head", "")), by=request.user, at=at)
    if job.file.size <= importing.SMALL_BYTES:
        importing.check(job, at=at)
        later = "" if job.header_row == bare.ROW else "；以后同样列名的表也这样读"
        messages.success(request, f"已按您选的列重新读取{later}。")
    else:
        ring(resume_import, job.pk)
    return redirect(job)


@deed("leads:import")
def import_stop(request, pk):
    """Stop the writing in the middle, or the taking back."""
    job, at = _job(request, pk), timezone.now()
    if job.is_being_undone:
        undoing_lots.stop(job, by=request.user, at=at)
        messages.success(request, f"已停止撤销「{job.filename}」，删除的不恢复，其余保留。")
    else:
        importing.stop(job, by=request.user, at=at)
        messages.success(request, f"已停止导入「{job.filename}」，已写入的保留，其余不再写入。")
    return redirect(job)


@deed("leads:import")
def import_choose(request, pk, number):
    """Keep what was chosen for one row, and say how many are written now (a piece)."""
    job = _job(request, pk)
    get_object_or_404(job.rows, number=number)
    ticked = ImportRow.Decision.SKIP if request.POST.getlist("skip") else ImportRow.Decision.WRITE
    decision = request.POST.get(f"row-{number}", ticked)
    if decision not in ImportRow.Decision.values:
        raise importing.ImportRefused("请在「跳过、补充、写入」里选一项。")
    importing.choose(job, number, decision, by=request.user)
    context = {"job": job, **_chosen(job)}
    return TemplateResponse(request, "leads/_import_count.html", context)


@deed("leads:import")
def import_discard(request, pk):
    """Give the preview up."""
    job = _job(request, pk)
    importing.discard(job, by=request.user)
    messages.success(request, f"已放弃「{job.filename}」，没有写入任何一行。")
    return redirect(job.roadshow)


@deed("leads:import")
def import_confirm(request, pk):
    """Write what was confirmed: at once when it is little, by a worker when it is much."""
    job, at = _job(request, pk), timezone.now()
    importing.confirm(job, **_decisions(request.POST), by=request.user, at=at)
    if importing.is_small(job):
        importing.write_rows(job, at=at)
    else:
        ring(resume_import, job.pk)
    return redirect(job)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def import_undo(request, pk):
    """What taking the import back would do, and doing it."""
    job = _job(request, pk)
    require(request.user, "import", job.roadshow)
    form = UndoForm(request.POST or None)
    if request.method != "POST":
        return _undo_page(request, job, form)
    if not form.is_valid():
        return _undo_page(request, job, form, status=400)
    try:
        done = undoing.undo(job, **form.cleaned_data, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _undo_page(request, job, form, refusal)
    if job.is_being_undone:
        ring(resume_import, job.pk)
        return redirect(job)
    kept = f"，{len(done.kept)} 条有人跟进过的保留" if done.kept else ""
    messages.success(request, f"已撤销导入「{job.filename}」：删除 {len(done.leads)} 条线索{kept}。")
    return redirect(job)


def _undo_page(request, job, form, refusal=None, status=200):
    if not undoing.may_be_undone(job):
        raise refusal or undoing.UndoRefused(f"这次导入{job.state_words}，没有可以撤销的。")
    plan = undoing.foresee(job)
    rows = list(job.rows.filter(lead__in=plan.kept).select_related("lead", "of_lead")[:ROWS_SHOWN])
    _hide_invisible(rows, request.user)
    context = {
        "job": job,
        "form": form,
        "plan": plan,
        "kept": [(row, plan.kept[row.lead_id]) for row in rows],
        "refusal": refusal,
    }
    status = refusal.status if refusal else status
    return TemplateResponse(request, "leads/import_undo.html", context, status=status)


def _decisions(given):
    """{decision: numbers of rows} of the form: lists by decision, and one choice per row (row-7=update)."""
    found = {key: _numbers(given.getlist(key)) for key in ImportRow.Decision.values}
    for name in given:
        if name.startswith("row-") and given[name] in found:
            found[given[name]] += _numbers([name.removeprefix("row-")])
    return found


def _numbers(texts):
    return [int(text) for text in texts if text.isdecimal() and len(text) <= DIGITS]


def _number(text):
    """The one number, None for anything else."""
    return next(iter(_numbers([text])), None)


@require_safe
@says_why
def import_rejected(request, pk):
    """The rows that were not taken, with the reason; they hold numbers, so only for those who import."""
    job = _job(request, pk)
    require(request.user, "import", job.roadshow)
    file = BytesIO()
    write_rejected(file, column_choices.named(job), importing.rejected(job))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"未导入的行-{job.pk}.xlsx")


@require_safe
def import_template(request):
    """The blank sheet to fill in."""
    file = BytesIO()
    write_roadshow_template(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="敲门招商对接表-模板.xlsx")
