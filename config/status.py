"""The state of the machinery for the administrator: does the beat beat, do messages go out, is work lost."""

from dataclasses import dataclass
from datetime import timedelta

from config.views import BROKER_PATIENCE, DOWN, Probe, broker_state
from crm import slots
from crm.models import Delivery, JobSlot, Notification
from crm.workdays import ONE_DAY

LATE_TICK = timedelta(minutes=3)
LATE_MESSAGE = timedelta(minutes=10)
DEAD_LISTED = 5
DEAD_SINCE = timedelta(days=7)
JOB_WORDS = {
    "supervision": "自动督办",
    "morning_scan": "每日提醒",
    "own_digests": "自选时间的每日提醒",
    "duplicates": "判重",
    "handovers": "流转逾期退回",
    "pool": "公海提醒与收回",
    "pool_return": "夜间退回公海",
    "deadlines": "承诺与协议到期提醒",
    "trip_without_lead": "行程提醒",
    "trip_reports": "行程小结提醒",
    "qualifications": "资质到期提醒",
    "policies": "政策到期提醒",
    "referrals": "基金推荐提醒",
    "unanswered_orders": "督办逾期未复",
    "resume_suspended": "恢复挂起到期的项目",
    "revisits": "提醒约定的回访",
    "rematch": "夜间重新匹配",
    "conflicts": "首报冲突提醒",
    "claims": "首报到期",
    "imports": "名单导入",
    "snoozed": "稍后提醒",
    "bulk": "批量操作",
    "forget_bulk": "清理批量操作",
    "exports": "生成导出的文件",
    "forget_exports": "删除过期的导出文件",
    "forget_tries": "清理登录失败记录",
    "forget_answers": "清理接口应答",
    "forget_sessions": "清理登录会话",
    "forget_slots": "清理任务记录",
    "forget_walk_ins": "清理扫码登记",
    "sweep": "清理中断的任务",
}


@dataclass(frozen=True)
class Line:
    """One thing that runs or does not, and what to do when it does not."""

    name: str
    text: str
    is_well: bool


def system_status(at):
    """{"lines": [...], "dead": [...]}: the state of beat, delivery, scheduled work and broker at `at`."""
    broker = Probe(broker_state, BROKER_PATIENCE)
    dead = JobSlot.objects.filter(state=JobSlot.State.DEAD, period_start__gte=at - DEAD_SINCE)
    dead = list(dead[:DEAD_LISTED])
    for slot in dead:
        slot.word = JOB_WORDS.get(slot.job, "其他任务")
    lines = [_beat(at), _delivery(at), _pushes(at), _jobs(dead), _broker(broker.result() or DOWN)]
    return {"lines": lines, "dead": dead}


def _beat(at):
    ticked = slots.last_tick()
    if ticked is None:
        return Line("定时器", "从未启动过。请启动 beat 进程，否则不会有每日提醒。", False)
    age = at - ticked
    text = f"最近一次 {int(age.total_seconds())} 秒前"
    return Line("定时器", text if age < LATE_TICK else f"{text}，已停。请检查 beat 进程。", age < LATE_TICK)


def _delivery(at):
    waiting = Notification.objects.filter(sent_at=None)
    number = waiting.count()
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    if oldest is None:
        return Line("消息送达", "没有积压。", True)
    is_well = at - oldest < LATE_MESSAGE
    hint = "" if is_well else "，最早一条已超过 10 分钟。请检查 worker 进程。"
    return Line("消息送达", f"{number} 条等待送达{hint}", is_well)


def _pushes(at):
    """Mail and robots: what should be out by now, and what was given up on the last day."""
    late = Delivery.objects.claimable(at - LATE_MESSAGE).count()
    given_up = Delivery.objects.filter(state=Delivery.State.GIVEN_UP, created_at__gte=at - ONE_DAY).count()
    if late:
        return Line("推送", f"{late} 条该送出的已迟了 10 分钟以上。请检查 worker 进程。", False)
    if given_up:
        return Line("推送", f"没有积压；最近一天有 {given_up} 条没送到，原因在各人的“为什么没收到”里。", True)
    return Line("推送", "没有积压。", True)


def _broker(state):
    if state == DOWN:
        return Line("消息中间件", "连不上。保存不受影响，提醒会晚到，恢复后自动补送；请检查 Redis。", False)
    return Line("消息中间件", "可用。", True)


def _jobs(dead):
    if not dead:
        return Line("定时任务", "最近 7 天没有放弃的任务。", True)
    return Line("定时任务", "有任务多次失败后被放弃，见下方的错误；排除原因后会在下一个时段重做。", False)
