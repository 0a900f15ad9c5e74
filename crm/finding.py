"""Finding one record among all kinds: what is asked, which rows really hold it, how well, and by what."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F, Q, Value

from crm import display
from crm.models import Company, Contact
from crm.search import code_fragment, number_asked, phone_asked
from crm.values import closeness, company_key, plain, search_terms

LONGEST = 50  # characters of a query
CHUNKS = (60, 600, 6000)  # candidates looked at in turn: few are enough unless pinyin misleads the grams
SORTED_HERE = 1000  # rows that hold the words; of more, sixty are soon met on the way from the newest on
MOST_KEYED = 200  # companies of one name
MOST_PEOPLE = 2000  # of a telephone's end: 8888 is one in two hundred numbers
BY_OTHER_NAME = 4  # ranks behind whatever the title says


@dataclass(frozen=True)
class Hit:
    """One thing found: kind, title, address, a line that tells it from others, by what it was found."""

    kind: str
    title: str
    url: str
    line: str = ""
    why: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Group:
    """The hits of one kind, best first; `more`: there are more of them than shown."""

    kind: str
    label: str
    hits: list = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True)
class Found:
    """A row that answers, how well (0 is best), and by what it was found ("" where its title says so)."""

    row: object
    rank: int
    why: str = ""


class Asked:
    """What a query may mean: words of names, a piece of a credit code, a telephone, a record's number."""

    def __init__(self, query, most):
        self.most = most  # hits of a kind, one more than shown
        self.query = plain(query)[:LONGEST].strip()
        self.terms = search_terms(self.query)
        self.key = company_key(self.query)
        self.code = code_fragment(self.query)
        self.number = number_asked(self.query)
        self.phone = phone_asked(self.query)

    @cached_property
    def namesakes(self):
        """The keys of the companies that go by exactly this name, or went by it."""
        if not self.key:
            return []
        return list(Company.objects.called(self.key).values_list("pk", flat=True)[:MOST_KEYED])

    @cached_property
    def people(self):
        """The contacts whose masked number is the one asked for."""
        if self.phone is None:
            return []
        tail, mask = self.phone
        found = Contact.objects.ending(tail).only("company_id", "unit_id", "name", "phone").order_by("pk")
        return [one for one in found[:MOST_PEOPLE] if not mask or display.mask_phone(one.phone) == mask]

    @cached_property
    def acquaintances(self):
        """The companies of those people."""
        return {one.company_id for one in self.people} - {None}


class Candidates:
    """Rows that an index names for a query, fetched piece by piece, once for all kinds that look at them.

    `same` (a Q) names those that bear exactly the name asked for: a hundred newer ones would hide them.
    """

    def __init__(self, rows, same=None, chunks=CHUNKS):
        self.rows, self.same, self.chunks, self.fetched = rows, same, chunks, []
        self.keys = None  # a Keys that may know which rows these are

    def pieces(self):
        """(rows, whether they may be enough) of each piece; a short one is the last."""
        for number, size in enumerate(self.chunks):
            piece = self._piece(number, size)
            is_first = number == 0 and self.same is not None and len(piece) == size
            yield piece, not is_first
            if is_first:
                yield self.namesakes, True
            if len(piece) < size:
                return

    @cached_property
    def namesakes(self):
        """The rows that bear exactly the name asked for."""
        return list(self.rows.filter(self.same)[:MOST_KEYED])

    def _piece(self, number, size):
        if number == len(self.fetched):
            start = sum(self.chunks[:number])
            few = self.keys and self.keys.few[self]
            if few is None:
                self.fetched.append(list(self.rows[start : start + size]))
            else:
                asked = few[start : start + size]
                self.fetched.append(list(self.rows.filter(pk__in=asked)) if asked else [])
        return self.fetched[number]


class Keys:
    """Which rows the Candidates of several kinds are, the newest first, where they are few: one statement.

    The planner takes a word that it never counted for one that half a percent of the rows hold, and walks
    from the newest row on to find the first sixty: of a word that nothing holds through all of them.
    """

    def __init__(self, *several):
        self.several = several
        for one in several:
            one.keys = self

    @cached_property
    def few(self):
        """{Candidates: the keys of its rows, None for too many}."""
        rows = [
            one.rows.order_by().values_list(Value(place), F("created_at"), F("pk"))[: SORTED_HERE + 1]
            for place, one in enumerate(self.several)
        ]
        found = [[] for _ in self.several]
        for place, at, key in rows[0].union(*rows[1:], all=True):
            found[place].append((at, key))
        return {
            one: [key for _, key in sorted(found[place], reverse=True)]
            if len(found[place]) <= SORTED_HERE
            else None
            for place, one in enumerate(self.several)
        }


class Records:
    """The leads or projects that a person may see, as a query looks at them: by words, and by a code."""

    def __init__(self, rows, asked):
        same = Q(company__in=asked.namesakes) if asked.namesakes else None
        self.rows, self.asked = rows, asked
        self.named = Candidates(rows.filter(grams__contains=asked.terms), same)

    @cached_property
    def coded(self):
        """The newest whose company's credit code holds the query."""
        if not self.asked.code:
            return []
        return list(self.rows.filter(company__in=Company.objects.coded(self.asked.code))[: self.asked.most])


def by_name(candidates, asked, names, pick=lambda row: row):
    """Those that hold the words, best first, and of equal ones as the candidates are ordered.

    `names(row)` are (label, text) pairs, the title first; `pick(row)` is what is found by a row, or None.
    """
    found = {}
    for piece, may_be_enough in candidates.pieces():
        for one in filter(None, map(pick, piece)):
            if one.pk not in found and (told := _told(one, asked.query, names(one))):
                found[one.pk] = told
        if may_be_enough and len(found) >= asked.most:
            break
    return best(found.values(), asked.most)


def best(found, most):
    """The best `most` of Found rows, each row once."""
    kept = {}
    for one in sorted(found, key=lambda one: one.rank):
        kept.setdefault(one.row.pk, one)
    return list(kept.values())[:most]


def _told(row, query, names):
    """The Found of a row by its names; None when the words do not really stand there."""
    (_, title), *others = [(label, text) for label, text in names if text]
    if (rank := closeness(query, title)) is not None:
        return Found(row, rank, "拼音" if rank == 3 else "")
    for label, text in others:
        if (rank := closeness(query, text)) is not None:
            return Found(row, BY_OTHER_NAME + rank, f"{label}：{text}")
    return _told_together(row, query, title, others)


def _told_together(row, query, title, others):
    """Words of which one stands in this name and one in that; told is what the title lacks."""
    if " " not in query:
        return None
    words = [word for word in query.split() if closeness(word, title) is None]
    texts = [text for _, text in others]
    if not all(any(closeness(word, text) is not None for text in texts) for word in words):
        return None
    telling = [pair for pair in others if any(closeness(word, pair[1]) is not None for word in words)]
    return Found(row, BY_OTHER_NAME * 2, "；".join(f"{label}：{text}" for label, text in telling))


def by_code(rows):
    """Rows found by the credit code of their company."""
    return [Found(row, 1, f"信用代码 {row.company.uscc}") for row in rows]


def names_of_company(company):
    """The (label, text) pairs of every name a company goes by; none for None."""
    if company is None:
        return []
    return [
        ("企业", company.name),
        ("简称/品牌", company.brand),
        *(("曾用名", name) for name in company.former_names),
        *(("其他名称", name) for name in company.aliases),
    ]


def told_person(contact):
    """By whose number a record was found, no more of it than its page shows: 「王** 138****0001」."""
    return f"{display.mask_name(contact.name)} {display.mask_phone(contact.phone)}"
