"""Who hears of a referral: its fund's accounts and who works on the project, once of every step."""

from django.db.models import Q

from crm import display, roles
from crm.models import Notification
from crm.notifications import notify, responsible
from projects.corrections import in_words
from projects.models.referrals import Step

WITHHELD = "推荐已撤回，项目的信息不再显示。"
GONE = "基金方不再看得到项目的名称、共享的信息和联系人；已经取得的资料请停止使用。"


def tell_step(referral, step):
    """Tell both sides of `step`; who took it knows already. Nothing of the project but its name is told."""
    _tell(referral, step, (step.by_id, step.at), f"referral_step:{step.pk}", _body(step))


def tell_correction(referral, step, correction):
    """Tell both sides what of `step` was put right, and why; who did it knows already."""
    lines = [f"{label}：{before} → {after}" for label, before, after in in_words(correction)]
    said = "\n".join([f"{correction.by}更正：", *lines, f"理由：{correction.reason}"])
    done = correction.by_id, correction.at
    _tell(referral, step, done, f"referral_fix:{correction.pk}", said, "有更正")


def tell_retraction(referral, step):
    """Tell both sides that `step` was taken back, and why; who did it knows already."""
    now = f"推荐回到「{referral.get_step_display()}」。"
    body = f"{step.undone_by}撤销，{now}\n理由：{step.undone_reason}"
    done = step.undone_by_id, step.undone_at
    _tell(referral, step, done, f"referral_undone:{step.pk}", body, "已撤销")


def withhold(referral):
    """Take what was told of the project out of the messages that accounts of funds have of this referral.

    Also out of those not yet delivered and of the lists of late ones; what has left by mail or robot cannot
    be called back.
    """
    address, name = referral.get_absolute_url(), f"{referral.number_label}（{referral.fund}）"
    kept = Notification.objects.filter(user__role=roles.FUND).select_for_update(of=("self",))
    for one in kept.filter(Q(url=address) | Q(items__contains=[{"url": address}])).order_by("pk"):
        for item in one.items:
            if item.get("url") == address:
                item["title"], item["text"] = name, WITHHELD
        if one.url == address:
            one.title, one.body = name[:120], WITHHELD
        one.save(update_fields=["title", "body", "items"])


def _tell(referral, step, done, key, body, what=""):
    """One message to each of both sides but who did it; `done` is who (id) and when, `what` ends titles."""
    by_id, at = done
    for person in dict.fromkeys([*fund_side(referral), *unit_side(referral)]):
        if person.pk != by_id:
            notify(
                person,
                kind=Notification.Kind.MATCH,
                key=key,
                title=_title(referral, step, referral.called_by(person)) + what,
                body=body,
                url=referral.get_absolute_url(),
                at=at,
            )


def fund_side(referral):
    """The active accounts of the fund."""
    return list(referral.fund.managers.filter(is_active=True, role=roles.FUND).order_by("pk"))


def unit_side(referral):
    """Who works on the project referred."""
    return people_of(referral.project)


def people_of(project):
    """The owner while he works there, else who answers for the unit."""
    owner = project.owner
    is_there = owner and owner.is_active and owner.unit_id in (project.unit_id, project.station_id)
    return [owner] if is_there else responsible(project.unit)


def _title(referral, step, name):
    fund = referral.fund.name
    if step.to_step == Step.REFERRED:
        return f"{referral.project.unit}推荐项目「{name}」给{fund}"
    return f"「{name}」推荐{fund}：{step.get_to_step_display()}"


def _body(step):
    said = [f"{step.on}，{step.by}登记{'（由单位代记）' if step.is_for_fund else ''}。"]
    if step.amount_wan is not None:
        said.append(f"金额 {display.money(step.amount_wan)}。")
    if step.reason:
        said.append(f"理由：{step.reason}")
    if step.note:
        said.append(step.note)
    if step.to_step == Step.WITHDRAWN:
        said.append(GONE)
    return "\n".join(said)
