"""项目一页纸 as a PDF: the same as the page, on one A4 whatever is written in it."""

from crm import display
from crm.pdf import MARGIN, Paper
from crm.workdays import shanghai_day

SIZES = (12, 11, 10, 9, 8, 7, 6, 5)  # points; the largest with which all stands on one sheet
COLUMNS = 3
LONGEST_TALK = 160
GAP = 2  # mm


def one_page_pdf(project, *, bar, candidates, visits, today, by, at):
    """The bytes of the PDF for `by`; `bar`, `candidates` and `visits` as projects/views/one_page.py has them.

    `project` is dressed (views/doors.py). Raises crm.pdf.NoFont.
    """
    for size in SIZES:
        paper = Paper(f"项目一页纸：{project}", str(by), at)
        _draw(paper, size, project, bar, candidates, visits)
        paper.ln(GAP)
        paper.write_block(0, f"{today:%Y-%m-%d} 由 {by} 生成。内部材料，请勿外传。", size - 1, grey=True)
        if paper.page_no() == 1:
            break
    return bytes(paper.output())


def _draw(paper, size, project, bar, candidates, visits):
    paper.write_block(0, str(project), size + 5)
    led = f" · 联系区领导 {project.leader}" if project.leader else ""
    who = f"{project.code} · {project.unit} · {project.owner or '没有负责人'}{led}"
    paper.write_block(0, who, size, grey=True)
    paper.ln(GAP)
    _row(paper, size, [(stop.label, _stop(stop), stop.state == "now") for stop in bar], len(bar))
    facts = _facts(project, candidates)
    for first in range(0, len(facts), COLUMNS):
        _row(paper, size, [(*fact, False) for fact in facts[first : first + COLUMNS]], COLUMNS)
    for label, text in _long(project):
        _row(paper, size, [(label, text, False)], 1)
    paper.write_block(0, "最近三次联系", size + 1)
    for visit in visits:
        paper.write_block(0, _talk(visit), size)
        paper.ln(GAP / 2)
    if not visits:
        paper.write_block(0, "还没有联系过。", size)


def _row(paper, size, cells, columns):
    """Cells side by side, a label above each text; the one that is marked has a line above it."""
    width, top, low = paper.epw / columns, paper.get_y(), 0
    for place, (label, text, is_marked) in enumerate(cells):
        left = MARGIN + place * width
        paper.set_xy(left, top)
        if is_marked:
            paper.line(left, top, left + width - GAP, top)
        paper.write_block(width - GAP, label, size - 1, grey=True)
        paper.write_block(width - GAP, text, size)
        low = max(low, paper.get_y())
    paper.set_xy(MARGIN, low + GAP)


def _stop(stop):
    if stop.entered_at:
        return f"{shanghai_day(stop.entered_at):%m-%d} · {stop.days} 天"
    return "跳过" if stop.state == "skipped" else "未到"


def _facts(project, candidates):
    area = f"，{display.number(project.area_sqm)} ㎡" if project.area_sqm is not None else ""
    land = f"，{display.number(project.land_mu)} 亩" if project.land_mu is not None else ""
    fixed = f"（固定资产 {display.money(project.fixed_wan)}）" if project.fixed_wan is not None else ""
    is_more = project.landing_mode == "expansion"
    return [
        ("现在阶段", _stage(project)),
        ("企业", _company(project.company)),
        ("来源", f"{project.city or '城市未填'} · {project.channel}\n{project.roadshow or ''}".strip()),
        ("本次增资" if is_more else "投资额", display.money(project.amount_wan) + fixed),
        ("赛道", f"{project.sector_label} · {project.get_chain_position_display() or '链条位置待定'}"),
        ("落地方式", (project.get_landing_mode_display() or "待定") + area + land),
        ("载体", _carrier(project, candidates)),
        ("下一步", _next(project)),
    ]


def _stage(project):
    if project.is_suspended:
        return f"{project.stage_label}，{project.days_in_stage} 天，挂起至 {project.suspended_until:%Y-%m-%d}"
    if project.is_lost:
        where = f"，流向{project.winning_city}" if project.winning_city else ""
        return f"{project.stage_label}：{project.loss_reason}{where}"
    return f"{project.stage_label}，{project.days_in_stage} 天"


def _company(company):
    return f"{company}\n{company.uscc or ''}".strip() if company else "未登记"


def _carrier(project, candidates):
    if project.carrier:
        return str(project.carrier)
    return f"{'、'.join(map(str, candidates))}（候选）" if candidates else "未定"


def _next(project):
    day = f"，{project.next_contact_on:%Y-%m-%d}" if project.next_contact_on else ""
    return (project.next_step or "未填") + day


def _long(project):
    return [
        ("企业诉求", project.demands or "未填"),
        ("存在问题", project.problems or "没有登记"),
        ("请领导协调", project.for_leader or "没有"),
    ]


def _talk(visit):
    said = visit.content or "没有写内容"
    said = said if len(said) <= LONGEST_TALK else f"{said[: LONGEST_TALK - 1]}…"
    place = f" · {visit.place}" if visit.place else ""
    then = f" 下一步：{visit.next_step}" if visit.next_step else ""
    day = f"{shanghai_day(visit.at):%Y-%m-%d}"
    return f"{day} {visit.get_kind_display()} · {visit.by}（{visit.unit}）{place}：{said}{then}"
