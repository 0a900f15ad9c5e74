"""The rules once more, by NumPy over plain columns and by nothing of ours: the floor of the matching of many,
and the judge of its verdicts. It knows the fields and comparisons that the invented funds ask for, no others.
"""

import numpy as np

NO, UNKNOWN, YES = 0, 1, 2
LETTERS = np.frombuffer(b"uif", np.uint8)  # 不符合, 待补充, 符合
NUMBERS = ("staff", "valuation", "ticket", "rd_cost_ratio", "trl", "total_investment")
COMPARED = {
    "lte": np.less_equal,
    "gte": np.greater_equal,
    "gt": np.greater,
    "eq": np.equal,
}
PROJECTS = """
SELECT p.id, p.amount_wan::float8, c.established_on, p.company_id IS NOT NULL
  FROM projects_project AS p LEFT JOIN crm_company AS c ON c.id = p.company_id
 WHERE p.stage NOT IN ('lost', 'aftercare') ORDER BY p.id
"""
FACTS = """
SELECT p.id, f.key, f.value FROM projects_project AS p JOIN crm_fact AS f USING (company_id)
 WHERE p.stage NOT IN ('lost', 'aftercare') AND f.is_in_use
   AND f.key = ANY(%s)
"""


class Columns:
    """What is known of every open project on a day; NaN or empty where it is not."""

    def __init__(self, bare, day):
        rows = bare.rows(PROJECTS)
        self.numbers, self.day = np.array([row[0] for row in rows]), day
        self.known = {key: np.full(len(rows), np.nan) for key in (*NUMBERS, "is_dishonest")}
        self.known["total_investment"] = np.array([np.nan if row[1] is None else row[1] for row in rows])
        self.founded = np.array([row[2] or np.datetime64("NaT") for row in rows], "datetime64[D]")
        self.kinds = np.array(["company" if row[3] else "team" for row in rows])
        self.words = {key: np.full(len(rows), "", object) for key in ("round", "industries")}
        for number, key, value in bare.rows(FACTS, [[*self.known, *self.words]]):
            place = np.searchsorted(self.numbers, number)
            (self.known if key in self.known else self.words)[key][place] = value
        self.members = {}

    def letters(self, criteria):
        """The verdict letter of every project under these criteria."""
        return LETTERS[self._node(criteria)]

    def _node(self, node):
        name = next((name for name in ("all", "any", "not") if name in node), None)
        if name is None:
            return self._rule(node)
        items = node[name] if isinstance(node[name], list) else [node[name]]
        parts = [self._node(item) for item in items if item.get("kind") != "soft"]
        joined = (np.maximum if name == "any" else np.minimum).reduce(parts)
        return YES - joined if name == "not" else joined

    def _rule(self, rule):
        key, bound = rule["field"], rule["value"]
        if key == "age_years":
            return _answer(self._anniversary(bound) >= np.datetime64(self.day), ~np.isnat(self.founded))
        if key == "applicant_kind":
            return _answer(self.kinds == bound, True)
        if key in self.words:
            return self._among(key, bound)
        column = self.known[key]
        return _answer(COMPARED[rule["op"]](column, bound), ~np.isnan(column))

    def _anniversary(self, years):
        """The day on which a firm founded on the 29th of February, or any other, has been there for years."""
        months = self.founded.astype("datetime64[M]")
        then = months + 12 * years
        last = (then + 1).astype("datetime64[D]") - 1
        return np.minimum(
            then.astype("datetime64[D]") + (self.founded - months.astype("datetime64[D]")), last
        )

    def _among(self, key, words):
        """Whether the word, or one of the words, is among these; each word looked up once for all funds."""
        if key not in self.members:
            spelt = self.words[key]
            self.members[key] = {
                word: np.array([word == one if isinstance(one, str) else word in one for one in spelt])
                for word in {w for one in spelt for w in ([one] if isinstance(one, str) else one)}
            }
        none = np.zeros(len(self.numbers), bool)
        found = np.logical_or.reduce([self.members[key].get(word, none) for word in words])
        return _answer(found, ~self.members[key].get("", none))


def _answer(holds, is_known):
    return np.where(is_known, np.where(holds, YES, NO), UNKNOWN).astype(np.uint8)
