"""Whether the promises of a deal have passed 公平竞争审查: read by gate, reviewer and pages alike.

An item is cleared by a review of the very wording it has; the set by a conclusion on the very set it is.
"""

from crm.errors import Missing, Refused
from projects.models.incentives import IncentiveItem, ItemReview


class NotReviewed(Refused):
    """A signature was forced although the promises of the deal have not passed; `missing` says which."""

    code = "not_reviewed"

    def __init__(self, missing):
        super().__init__("优惠条款没有全部通过公平竞争审查，任何人都不能强制签约。", missing=missing)


EXCEPTION, VIOLATES = ItemReview.Conclusion.EXCEPTION, ItemReview.Conclusion.VIOLATES


def missing_review(project, day):
    """What 公平竞争审查 still lacks before `project` may be signed on `day`; [] when all is clear."""
    items = standing_items(project)
    if not items:
        return []
    if missing := uncleared(items, day):
        return missing
    last = project.fair_reviews.last()
    if last is None:
        return [Missing("fair_review", "优惠条款已逐条通过，还没有出具公平竞争审查结论。", "incentives")]
    if change := change_since(last, items):
        text = f"出具审查结论（{last.number}）之后优惠条款有改动（{change}），须重新出具结论。"
        return [Missing("fair_review_reopened", text, "incentives")]
    return []


def change_since(conclusion, items):
    """How the set differs from the one concluded upon, in words; "" when it does not."""
    then, now = conclusion.content, contents(items)
    added, gone = now.keys() - then.keys(), then.keys() - now.keys()
    changed = [pk for pk in now.keys() & then.keys() if now[pk] != then[pk]]
    counts = (("新增", added), ("修改", changed), ("撤下", gone))
    return "，".join(f"{word} {len(keys)} 条" for word, keys in counts if keys)


def standing_review(item):
    """The newest review of the wording `item` has now, or None."""
    reviews = [review for review in item.reviews.all() if review.digest == item.digest]
    return reviews[-1] if reviews else None


def state_of(item, day):
    """(code, word) of an item: unreviewed, changed, refused, expired or cleared."""
    found = standing_review(item)
    if found is None:
        return ("changed", "改动后未审") if item.reviews.all() else ("unreviewed", "未审查")
    if found.conclusion == VIOLATES:
        return "refused", "不符合"
    if found.conclusion == EXCEPTION and found.ends_on < day:
        return "expired", "例外已到期"
    return "cleared", "适用例外" if found.conclusion == EXCEPTION else "符合"


ASKS = {
    "unreviewed": "优惠条款「{item}」还没有公平竞争审查。",
    "changed": "优惠条款「{item}」审查后有改动，须重新审查。",
    "refused": "优惠条款「{item}」审查结论为不符合，请修改或撤下。",
    "expired": "优惠条款「{item}」适用的例外已到期，须重新审查。",
}


def uncleared(items, day):
    """A Missing for each of `items` that is not cleared on `day`."""
    states = ((item, state_of(item, day)[0]) for item in items)
    return [
        Missing(f"item_{state}", ASKS[state].format(item=item), "incentives")
        for item, state in states
        if state != "cleared"
    ]


def standing_items(project):
    """What the deal of `project` promises now, with the reviews loaded."""
    items = IncentiveItem.objects.filter(project=project).standing()
    return list(items.prefetch_related("reviews"))


def contents(items):
    """Number of each item → digest of its wording: what a conclusion is about."""
    return {str(item.pk): item.digest for item in items}
