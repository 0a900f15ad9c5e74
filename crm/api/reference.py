"""The OpenAPI document rearranged for reading: one section per resource, one entry per operation."""

NAMES = {
    "leads": "线索",
    "conflicts": "首报冲突",
    "duplicates": "疑似重复",
    "handovers": "流转",
    "pool": "公海",
    "projects": "项目",
    "orders": "督办",
    "deliveries": "签约与到位",
    "referrals": "基金推荐",
    "spaces": "载体空间",
    "compute-offers": "算力",
    "chain": "补链",
    "bases": "依据库",
    "match-changes": "匹配变化",
    "funds": "基金",
    "policies": "政策",
    "vocabularies": "词表",
}
WORDS = {
    "string": "文本",
    "integer": "整数",
    "number": "数",
    "boolean": "真/假",
    "array": "列表",
    "null": "null",
}
FORMATS = {"date": "（日期）", "date-time": "（时间）"}
METHODS = ("get", "post", "patch")


def sections(document):
    """[{name, operations}] in the order of the addresses."""
    found = {}
    for path, methods in document["paths"].items():
        resource = path.removeprefix("/api/v1/").split("/")[0]
        entries = [_operation(path, m, methods[m], document) for m in METHODS if m in methods]
        found.setdefault(resource, []).extend(entries)
    return [{"name": NAMES[key], "operations": entries} for key, entries in found.items()]


def _operation(path, method, described, document):
    body = described.get("requestBody", {}).get("content", {})
    body = next((given["schema"] for given in body.values()), None)
    good = next(r for status, r in described["responses"].items() if status.startswith("2"))
    answer = good["content"]["application/json"]["schema"]
    return {
        "id": described["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": described["summary"],
        "about": described["description"].split("\n\n"),
        "parameters": described.get("parameters", []),
        "fields": _fields(body, document),
        "answer": _fields(answer, document),
        "refusals": [
            (status, response["description"])
            for status, response in described["responses"].items()
            if not status.startswith("2")
        ],
    }


def _fields(schema, document):
    """The fields of an object as rows; the entries of a list stand for the list."""
    shape = _resolved(schema or {}, document)
    listed = shape.get("properties", {}).get("results")
    if listed:
        shape = _resolved(listed["items"], document)
    wanted = shape.get("required", ())
    return [
        {"name": name, "type": _kind(one), "required": name in wanted, "about": one.get("description", "")}
        for name, one in shape.get("properties", {}).items()
    ]


def _resolved(schema, document):
    reference = schema.get("$ref")
    return document["components"]["schemas"][reference.rsplit("/", 1)[1]] if reference else schema


def _kind(schema):
    """The type of a field in words."""
    inner = schema.get("oneOf") or schema.get("anyOf")
    if inner:
        return _kind(inner[0])
    kind = schema.get("type", "")
    names = kind if isinstance(kind, list) else [kind]
    return " / ".join(WORDS.get(name, "对象") for name in names) + FORMATS.get(schema.get("format"), "")
