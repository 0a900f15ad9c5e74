"""项目一页纸: the words on it, said once for the page and for the PDF."""

from dataclasses import dataclass

from crm import display
from crm.workdays import shanghai_day

LONGEST_TALK = 160
LAST_TALKS = "最近三次联系"
NEVER_TALKED = "还没有联系过。"


@dataclass(frozen=True)
class Line:
    """A labelled piece of the sheet: its words, what stands small below them, and the lamp beside them."""

    label: str
    text: str
    note: str = ""
    lamp: str = ""


@dataclass(frozen=True)
class Talk:
    """A contact with the firm: its day, and what was said there."""

    day: str
    said: str


def title(project):
    """What the sheet is called, as a page and as a file."""
    return f"项目一页纸：{project}"


def who(project):
    """Who has the project, to be written after its number."""
    led = f" · 联系区领导 {project.leader}" if project.leader else ""
    return f"{project.unit} · {project.owner or '没有负责人'}{led}"


def facts(project, candidates):
    """The short lines; `project` is dressed (views/doors.py), `candidates` are the carriers thought of."""
    is_more = project.landing_mode == "expansion"
    place = f"{project.city or '城市未填'} · {project.channel}"
    chain = project.get_chain_position_display() or "链条位置待定"
    return [
        _stage(project),
        _company(project.company),
        Line("来源", place, str(project.roadshow or "")),
        Line("本次增资" if is_more else "投资额", _amount(project)),
        Line("赛道", f"{project.sector_label} · {chain}"),
        Line("落地方式", _landing(project)),
        Line("载体", _carrier(project, candidates)),
        Line("下一步", project.next_step or "未填", _next_on(project)),
    ]


def long_lines(project):
    """What takes a whole line: the firm's wishes, the troubles, and at the end what a leader is asked."""
    return [
        Line("企业诉求", project.demands or "未填"),
        Line("存在问题", project.problems or "没有登记"),
        Line("请领导协调", project.for_leader or "没有"),
    ]


def talks(visits):
    """`visits` as the sheet tells them, each cut to LONGEST_TALK letters."""
    return [_talk(visit) for visit in visits]


def foot(today, by):
    """The last line: when and by whom the sheet was made."""
    return f"{display.day(today)} 由 {by} 生成。内部材料，请勿外传。"


def _stage(project):
    text = f"{project.stage_label}，{project.days_in_stage} 天"
    if project.is_suspended:
        return Line("现在阶段", f"{text}，挂起至 {display.day(project.suspended_until)}")
    if project.is_lost:
        where = f"，流向{project.winning_city}" if project.winning_city else ""
        return Line("现在阶段", text, f"{project.loss_reason}{where}")
    return Line("现在阶段", text, lamp=project.lamp or "")


def _company(company):
    return Line("企业", str(company), company.uscc or "") if company else Line("企业", "未登记")


def _amount(project):
    fixed = f"（固定资产 {display.money(project.fixed_wan)}）" if project.fixed_wan is not None else ""
    return display.money(project.amount_wan) + fixed


def _landing(project):
    area = f"，{display.area(project.area_sqm)}" if project.area_sqm is not None else ""
    land = f"，{display.land(project.land_mu)}" if project.land_mu is not None else ""
    return (project.get_landing_mode_display() or "待定") + area + land


def _carrier(project, candidates):
    if project.carrier:
        return str(project.carrier)
    return f"{'、'.join(map(str, candidates))}（候选）" if candidates else "未定"


def _next_on(project):
    return f"{display.day(project.next_contact_on)} 联系" if project.next_contact_on else ""


def _talk(visit):
    said = visit.content or "没有写内容"
    said = said if len(said) <= LONGEST_TALK else f"{said[: LONGEST_TALK - 1]}…"
    place = f" · {visit.place}" if visit.place else ""
    then = f" 下一步：{visit.next_step}" if visit.next_step else ""
    day = display.day(shanghai_day(visit.at))
    return Talk(day, f"{visit.get_kind_display()} · {visit.by}（{visit.unit}）{place}：{said}{then}")
