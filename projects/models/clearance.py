"""Whether the promises of a deal have passed 公平竞争审查: read by gate, reviewer and pages alike.

An item is cleared by a review of the very wording it has; the set by a conclusion on the very set it is.
A promise of the government in an agreement that is an incentive by another name rests on a cleared item.
What only the passing of days has made doubtful since, such as a basis that ended, is reviewed again, and so
is a wording that turns out to name a firm which has entered the deal since; what a changed flag rule would
say today is not (docs/compliance.md).
"""

from crm.errors import Missing, Refused
from crm.workdays import shanghai_day
from projects.flag_promises import BENEFIT, promise_flags
from projects.flag_sides import misplaced
from projects.flags import flags_by_names, flags_come_since, flags_of
from projects.models import amounts
from projects.models.bases import known_clauses
from projects.models.incentives import FlagRule, IncentiveItem, ItemReview
from projects.models.loading import loaded


class NotReviewed(Refused):
    """A signature was forced although what the deal promises has not passed; `missing` says which."""

    code = "not_reviewed"

    def __init__(self, missing):
        words = "优惠条款、政府承诺没有全部通过公平竞争审查，任何人都不能强制签约。"
        super().__init__(words, missing=missing)


EXCEPTION, VIOLATES = ItemReview.Conclusion.EXCEPTION, ItemReview.Conclusion.VIOLATES
FUND_PROMISE = "fund_promise"  # the flag of money a fund would pay: an investment, never an incentive (§4.2)


def missing_review(project, day):
    """What 公平竞争审查 still lacks before `project` may be signed on `day`; [] when all is clear."""
    items = standing_items(project)
    of_items, of_promises = lacking(project, items, day)
    return [*of_items, *_missing_conclusion(project, items, is_cleared=not of_items), *of_promises]


def lacking(project, items, day):
    """(what its `items` lack on `day`, what its promises lack), each as Missing.

    The signature asks it, and so does the conclusion on the whole set: what stops the one stops the other.
    """
    promises = loaded(project, "commitments")
    promises = list(project.commitments.with_backing() if promises is None else promises)
    rules = rules_in_force(day) if items or promises else []
    of_promises = [lack_of_backing(one, day, rules) for one in promises]
    return uncleared(items, day, rules), [lack for lack in of_promises if lack]


def _missing_conclusion(project, items, is_cleared):
    if not items:
        return []
    known = loaded(project, "fair_reviews")
    last = project.fair_reviews.last() if known is None else next(reversed(known), None)
    if last is None:
        when = "优惠条款已逐条通过，" if is_cleared else "优惠条款逐条通过以后，要出具结论："
        text = f"{when}还没有出具公平竞争审查结论。"
        return [Missing("fair_review", text, "incentives")]
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


def state_of(item, day, rules):
    """(code, word) of an item on `day`, by the flag `rules` in force.

    The code is unreviewed, changed, refused, fund, expired, lapsed or cleared.
    """
    found = standing_review(item)
    if found is None:
        return ("changed", "改动后未审") if item.reviews.all() else ("unreviewed", "未审查")
    if found.conclusion == VIOLATES:
        return "refused", "不符合"
    if FUND_PROMISE in found.flags:
        return "fund", "承诺基金出资"
    if found.conclusion == EXCEPTION and found.ends_on < day:
        return "expired", "例外已到期"
    if _come_with_days(item, day, rules):
        return "lapsed", "到期后未审"
    if _come_with_firms(item, day, rules):
        return "lapsed", "各方变动后未审"
    return "cleared", "适用例外" if found.conclusion == EXCEPTION else "符合"


def lapsed(item, day, rules):
    """The flags that the standing review of `item` did not see: those of the days and of firms since."""
    return [*_come_with_days(item, day, rules), *_come_with_firms(item, day, rules)]


def _come_with_days(item, day, rules):
    found = standing_review(item)
    come = flags_come_since(item.as_flagged(), rules, shanghai_day(found.at), day)
    return [flag for flag in come if flag.code not in found.flags]


def _come_with_firms(item, day, rules):
    """What is flagged because the wording names a firm that has entered the deal, or a name of one."""
    seen = standing_review(item).flags
    return [flag for flag in flags_by_names(item.as_flagged(), rules, day) if flag.code not in seen]


def rules_in_force(on):
    """The flag rules of the day with the 依据库, as the engine takes them: load once, judge many."""
    clauses = known_clauses()
    return [row.as_rule(clauses) for row in FlagRule.objects.active(on)]


ASKS = {
    "unreviewed": "优惠条款「{item}」还没有公平竞争审查。",
    "changed": "优惠条款「{item}」审查后有改动，须重新审查。",
    "refused": "优惠条款「{item}」审查结论为不符合，请修改或撤下。",
    "fund": "优惠条款「{item}」承诺基金出资，不能作为优惠放行，请撤下，改在基金推荐里登记推荐和结果。",
    "expired": "优惠条款「{item}」适用的例外已到期，须重新审查。",
    "lapsed": "优惠条款「{item}」通过审查之后又有系统提示「{flags}」，请更正条款，或由审查人重新审查。",
}


def uncleared(items, day, rules):
    """A Missing for each of `items` that is not cleared on `day`, by the flag `rules` in force."""
    asked = (_asked(item, day, rules) for item in items)
    return [missing for missing in asked if missing]


def _asked(item, day, rules):
    state, _ = state_of(item, day, rules)
    if state == "cleared":
        return None
    names = "、".join(flag.name for flag in lapsed(item, day, rules)) if state == "lapsed" else ""
    return Missing(f"item_{state}", ASKS[state].format(item=item, flags=names), "incentives")


def standing_items(project):
    """What the deal of `project` promises now, with its parties and the reviews loaded."""
    known = loaded(project, "incentives")
    if known is not None:
        return [item for item in known if item.removed_at is None]
    items = IncentiveItem.objects.filter(project=project).standing()
    return list(items.with_parties().prefetch_related("reviews"))


def contents(items):
    """Number of each item → digest of its wording: what a conclusion is about."""
    return {str(item.pk): item.digest for item in items}


PROMISES = {
    "misplaced": "企业承诺「{promise}」写的像是政府给予的优惠（{flags}）：是政府的，请把承诺方改为政府承诺，"
    "并关联通过审查的优惠条款；是企业的，请写清楚由企业做什么。",
    "over": "政府承诺「{promise}」写的金额 {state}：请更正承诺，或修改条款的金额后重新审查。",
    "unbacked": "政府承诺「{promise}」有系统提示「{flags}」，须录成优惠条款、通过公平竞争审查，"
    "再在承诺里关联。",
    "fund": "政府承诺「{promise}」承诺基金出资：基金的钱由基金管理人决定，不是优惠，也不能由条款作依据。"
    "请更正或豁免这条承诺，改在基金推荐里登记推荐和结果。",
    "removed": "政府承诺「{promise}」所依据的优惠条款已经撤下，请更正这条承诺，或关联通过审查的条款。",
    "uncleared": "政府承诺「{promise}」所依据的优惠条款还没有通过公平竞争审查（{state}）。",
    "beyond": "政府承诺「{promise}」有系统提示「{flags}」，所依据的优惠条款里没有写，也没有审过："
    "请把承诺改成与条款一致，或修改条款后重新审查。",
}


def lack_of_backing(commitment, day, rules):
    """What keeps a promise of the government from standing on `day`, as a Missing; None when nothing does.

    `commitment` comes of `with_backing`. Free is what asks for no review (help, work, rooms), what was waived
    or ended, and what rests on a cleared item that says no less and gives as much. What was entered as the
    company's and reads like the government's is asked, too: by the wrong side no benefit escapes.
    """
    if commitment.side != "government":
        return _misplaced(commitment, day)
    found = _asking(commitment, day, rules)
    if not found:
        return None
    if any(flag.code == FUND_PROMISE for flag in found):
        return _lack(commitment, "fund")
    item = commitment.incentive
    if item is None:
        return _lack(commitment, "unbacked", found)
    if item.removed_at is not None:
        return _lack(commitment, "removed")
    if excess := amounts.excess(commitment, item, day):
        return _lack(commitment, "over", state=excess)
    item.project = commitment.project
    state, word = state_of(item, day, rules)
    if state != "cleared":
        return _lack(commitment, "uncleared", state=word)
    beyond = _beyond(item, found, day, rules)
    return _lack(commitment, "beyond", beyond) if beyond else None


def _misplaced(commitment, day):
    if not _is_owed(commitment, day):
        return None
    found = misplaced(commitment.item, commitment.metric)
    if found is None:
        return None
    words = "、".join(hit.words for hit in found.hits)
    text = PROMISES["misplaced"].format(promise=commitment.item[:60], flags=words)
    return Missing("promise_misplaced", text, "commitments")


def _asking(commitment, day, rules):
    """The flags of a promise that the government made and still owes."""
    if not _is_owed(commitment, day):
        return ()
    return promise_flags(commitment.item, commitment.metric, commitment.measure, tuple(rules))


def _is_owed(commitment, day):
    """Whether the promise still binds: what was waived or ended is none any more."""
    return not (commitment.outcome == "waived" or commitment.is_ended or commitment.has_ended(day))


def _beyond(item, found, day, rules):
    """The flags of a promise that neither its item has nor the review saw; any item may give a benefit."""
    known = {BENEFIT.code, *standing_review(item).flags}
    known |= {flag.code for flag in flags_of(item.as_flagged(), rules, day)}
    return [flag for flag in found if flag.code not in known]


def _lack(commitment, code, flags=(), state=""):
    names = "、".join(flag.name for flag in flags)
    text = PROMISES[code].format(promise=commitment.item[:60], flags=names, state=state)
    return Missing(f"promise_{code}", text, "commitments")
