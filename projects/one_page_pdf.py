"""项目一页纸 as a PDF: the same as the page, on one A4 whatever is written in it."""

from crm import display, pdf
from crm.workdays import shanghai_day

COLUMNS = 3
LONGEST_TALK = 160


def one_page_pdf(project, *, bar, candidates, visits, today, by, at):
    """The bytes of the PDF for `by`; `bar`, `candidates` and `visits` as projects/views/one_page.py has them.

    `project` is dressed (views/doors.py). Raises crm.pdf.NoFont, crm.pdf.NotDrawn.
    """
    facts = _facts(project, candidates)
    blocks = [
        ("text", str(project), 5),
        ("text", _who(project), 0, True),
        ("gap",),
        ("row", [(stop.label, _stop(stop), stop.state == "now") for stop in bar], len(bar)),
        *(("row", facts[first : first + COLUMNS], COLUMNS) for first in range(0, len(facts), COLUMNS)),
        *(("row", [fact], 1) for fact in _long(project)),
        ("text", "最近三次联系", 1),
        *(("text", _talk(visit)) for visit in visits),
        *([] if visits else [("text", "还没有联系过。")]),
        ("gap",),
        ("text", f"{today:%Y-%m-%d} 由 {by} 生成。内部材料，请勿外传。", -1, True),
    ]
    return pdf.sheet(f"项目一页纸：{project}", blocks, author=str(by), at=at)


def _who(project):
    led = f" · 联系区领导 {project.leader}" if project.leader else ""
    return f"{project.code} · {project.unit} · {project.owner or '没有负责人'}{led}"


def _stop(stop):
    if stop.entered_at:
        return f"{shanghai_day(stop.entered_at):%m-%d} · {stop.days} 天"
    return "跳过" if stop.state == "skipped" else "未到"


def _facts(project, candidates):
    where = f"{project.city or '城市未填'} · {project.channel}\n{project.roadshow or ''}".strip()
    is_more = project.landing_mode == "expansion"
    told = {
        "现在阶段": _stage(project),
        "企业": _company(project.company),
        "来源": where,
        "本次增资" if is_more else "投资额": _amount(project),
        "赛道": f"{project.sector_label} · {project.get_chain_position_display() or '链条位置待定'}",
        "落地方式": _landing(project),
        "载体": _carrier(project, candidates),
        "下一步": _next(project),
    }
    return [(label, text, False) for label, text in told.items()]


def _amount(project):
    fixed = f"（固定资产 {display.money(project.fixed_wan)}）" if project.fixed_wan is not None else ""
    return display.money(project.amount_wan) + fixed


def _landing(project):
    area = f"，{display.number(project.area_sqm)} ㎡" if project.area_sqm is not None else ""
    land = f"，{display.number(project.land_mu)} 亩" if project.land_mu is not None else ""
    return (project.get_landing_mode_display() or "待定") + area + land


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
        ("企业诉求", project.demands or "未填", False),
        ("存在问题", project.problems or "没有登记", False),
        ("请领导协调", project.for_leader or "没有", False),
    ]


def _talk(visit):
    said = visit.content or "没有写内容"
    said = said if len(said) <= LONGEST_TALK else f"{said[: LONGEST_TALK - 1]}…"
    place = f" · {visit.place}" if visit.place else ""
    then = f" 下一步：{visit.next_step}" if visit.next_step else ""
    day = f"{shanghai_day(visit.at):%Y-%m-%d}"
    return f"{day} {visit.get_kind_display()} · {visit.by}（{visit.unit}）{place}：{said}{then}"
