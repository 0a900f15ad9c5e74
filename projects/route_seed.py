"""The decision routes to begin with (domain §1.6); from then on the rows are the truth."""

from decimal import Decimal

EQUITY, COMMITTEE, STANDING, LAND = (
    ("soe_board", "国企投决会"),
    ("committee", "投委会"),
    ("standing", "常务会"),
    ("land_board", "供地会"),
)
LIMIT = Decimal(5000)  # 万元, 0.5 亿 of public equity
BASIS = "项目分类与出资额"
# category, over, up to (万元), meetings in order
ROUTES = [
    ("policy", None, None, [COMMITTEE, STANDING]),
    ("investment", LIMIT, None, [EQUITY, COMMITTEE, STANDING]),
    ("investment", None, LIMIT, []),
    ("land", None, None, [COMMITTEE, STANDING, LAND]),
    ("other", None, None, []),
]


def load(get_model):
    """Insert the routes while there are none; `get_model` maps a name to its model class."""
    routes, nodes = get_model("DecisionRoute"), get_model("DecisionNode")
    if routes.objects.exists():
        return
    for category, over, upto, meetings in ROUTES:
        route = routes.objects.create(category=category, over_wan=over, upto_wan=upto, basis=BASIS)
        nodes.objects.bulk_create(
            nodes(route=route, order=order, code=code, name=name)
            for order, (code, name) in enumerate(meetings, 1)
        )
