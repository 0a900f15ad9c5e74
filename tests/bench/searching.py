"""Search: the page, and its statements alone, for rare, common and any words; the floor is a LIKE scan."""

from urllib.parse import quote

from pypinyin import lazy_pinyin

from leads.models import Lead
from tests.bench import statements
from tests.bench.measure import p95, timed
from tests.bench.pages import LIST, NEWEST

SCAN = LIST + " WHERE l.title LIKE %s" + NEWEST
PALETTE_SCAN = """
SELECT 1, id FROM leads_lead WHERE title LIKE %(word)s UNION ALL
SELECT 2, id FROM projects_project WHERE name LIKE %(word)s UNION ALL
SELECT 3, id FROM crm_company WHERE name LIKE %(word)s OR uscc LIKE %(word)s UNION ALL
SELECT 4, id FROM crm_contact WHERE phone LIKE %(word)s LIMIT 40
"""
SOME = """
SELECT c.name, c.uscc, p.phone FROM crm_company c JOIN crm_contact p ON p.company_id = c.id
 WHERE c.uscc IS NOT NULL AND p.phone <> '' ORDER BY c.id LIMIT 8
"""
FREQUENCIES = """
SELECT gram, count(*) FROM leads_lead, unnest(grams) gram
 WHERE gram ~ '^[一-鿿]{2}$' GROUP BY 1 ORDER BY 2, 1
"""
RARE_HITS = 60  # at the most
WORDS = 200
SCANS = "LIKE '%word%' over all titles by plain psycopg"
PAGE = SCANS + " + an empty page of the same server"


def measure(stand):
    """The two rows of the contract, then the statements alone over words of every frequency."""
    manager, words = stand.visitor("manager"), _Words(stand.bare)
    for name, chosen in (("rare", words.rare), ("common", words.common)):
        title = "lead_search_2char_rare" if name == "rare" else "lead_search_common"
        stand.page(
            title,
            manager,
            lambda n, chosen=chosen: _address(chosen[n % len(chosen)]),
            lambda n, chosen=chosen: _scan(stand.bare, chosen[n % len(chosen)]),
            floor_is=PAGE,
        )
    _palette(stand, manager, words)
    for name, chosen in (("rare", words.rare), ("common", words.common), ("any", words.any)):
        _alone(stand, f"search_statements_{name}", manager, chosen)


def _palette(stand, manager, words):
    """One answer while typing: rare and common pairs, pinyin, telephone ends, pieces of codes."""
    asked = [*words.rare[:8], *words.common[:8], *words.pinyin, *words.tails, *words.codes]
    floor = [f"%{word}%" for word in asked]
    stand.page(
        "search_palette",
        manager,
        lambda n: f"/search/?q={quote(asked[n % len(asked)])}",
        lambda n: stand.bare.rows(PALETTE_SCAN, {"word": floor[n % len(floor)]}),
        floor_is="LIKE '%word%' over titles, project and company names, codes, telephones + an empty page",
    )


def _alone(stand, name, manager, words):
    """What the search costs in the database, without the page: list and count of every word."""
    taken, scans, slowest = [], [], (0.0, "")
    for word in words[: stand.book.calls * 5]:
        asked = [text for text in _asked(manager, word) if "grams" in text]
        stand.bare.replay(asked)
        spent = timed(stand.bare.replay, asked)
        slowest = max(slowest, (spent, word))
        taken.append(spent)
        scans.append(timed(_scan, stand.bare, word))
    more = {"slowest": f"{slowest[1]} {slowest[0]:.1f}", "words": len(taken)}
    stand.keep_plans(f"{name} {slowest[1]}", _asked(manager, slowest[1]))
    stand.book.add(name, p95(taken), "ms", p95(scans), SCANS, **more)


def _asked(manager, word):
    return statements.reads_of(statements.asked_by(lambda: manager.inside.get(_address(word))))


def _scan(bare, word):
    bare.rows(SCAN, [f"%{word}%"])


def _address(word):
    return f"/leads/?q={quote(word)}"


class _Words:
    """Pairs of Chinese characters as they occur in names, by how many leads hold them."""

    def __init__(self, bare):
        found = bare.rows(FREQUENCIES)
        few = max(2, min(RARE_HITS, Lead.objects.count() // 100))
        self.rare = _spread([gram for gram, hits in found if hits <= few])
        self.common = [gram for gram, _ in found[-10:]]
        self.any = _spread([gram for gram, _ in found])
        some = bare.rows(SOME)
        self.pinyin = ["".join(lazy_pinyin(name[2:4])) for name, _, _ in some]
        self.tails = [phone[-4:] for _, _, phone in some]
        self.codes = [code[2:10] for _, code, _ in some]


def _spread(words):
    """At most WORDS of them, evenly from the rarest to the commonest."""
    step = max(1, len(words) // WORDS)
    return words[::step][:WORDS]
