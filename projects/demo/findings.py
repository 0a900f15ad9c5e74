"""What officers of the demo found out about a firm: enough for every kind of verdict."""

from crm import rules

# stage: rounds, product stages, staff, valuation in 百万元
GROWTH = {
    "seed": (["none", "seed"], ["research", "prototype"], (4, 30), (5, 60)),
    "startup": (["seed", "angel", "pre_a"], ["research", "prototype", "pilot"], (15, 110), (30, 110)),
    "growth": (["a", "b"], ["small_batch", "mass"], (80, 400), (200, 900)),
    "mature": (["c", "pre_ipo"], ["mass"], (300, 1500), (900, 5000)),
}
INDUSTRIES = ["ai", "ict", "advanced_manufacturing", "low_altitude", "software", "new_materials", "other"]
SHARE_KNOWN = 0.85


def findings(random):
    """Facts of one invented firm by the keys of the dictionary, some left unknown; amounts in 万元."""
    stage = random.choice(["seed", "startup", "startup", "startup", "growth", "mature"])
    rounds, product_stages, staff, valuation = GROWTH[stage]
    values = {
        "growth_stage": stage,
        "round": random.choice(rounds),
        "product_stage": random.choice(product_stages),
        "staff": random.randrange(*staff),
        "valuation": random.randrange(*valuation) * 100,
        **_means(random),
        **_standing(random),
    }
    return {key: value for key, value in values.items() if random.random() < SHARE_KNOWN}


def for_policies(known):
    """What policies ask beside, as it follows from the other facts; amounts in 万元."""
    found = {}
    if "staff" in known:
        found["revenue"] = known["staff"] * 35
    if "rd_cost_ratio" in known:
        found["rd_staff_ratio"] = min(known["rd_cost_ratio"] + 6, 95)
    if "ai" in known.get("industries", ()) and "staff" in known:
        found["compute_contract"] = known["staff"] * 2
    if known.get("growth_stage") in ("seed", "startup") and "valuation" in known:
        found["raised"] = known["valuation"] // 5
    return found


def _means(random):
    """Technology and people."""
    return {
        "industries": random.sample(INDUSTRIES, 2),
        "clusters": random.choice([["296x"], ["296x", "zj_15"], ["55x"], ["none"]]),
        "trl": random.randrange(3, 9),
        "result_source": random.choice(["university", "institute", "enterprise", "enterprise"]),
        "has_clear_ip": random.random() < 0.85,
        "has_university_team": random.random() < 0.4,
        "has_pilot_partner": random.random() < 0.5,
        "rd_cost_ratio": random.randrange(2, 40),
        "invention_patents": random.randrange(0, 30),
        "size_class": random.choice(["micro", "small", "small", "medium"]),
        "uses_fiscal_results": random.random() < 0.4,
    }


def _standing(random):
    """Record and terms."""
    return {
        "is_dishonest": random.random() < 0.03,
        "has_major_dispute": random.random() < 0.05,
        "exclusions": ["two_high"] if random.random() < 0.05 else [],
        "ticket": random.choice([200, 300, 480, 520, 1000, 1500]),
        "fund_controls": False,
        "has_social_capital": random.random() < 0.7,
    }


def source_of(key, random):
    """Who said it: officers mostly, papers for money and rights."""
    papers = rules.FIELDS[key].type == "money" or key in ("has_clear_ip", "round")
    return "document" if papers and random.random() < 0.5 else "officer"
