"""What we refuse and how we say it: one shape for pages, API, imports and tasks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Missing:
    """One thing a step still lacks: a stable code, the Chinese sentence, and the form field that mends it."""

    code: str
    text: str
    field: str = ""


class Refused(Exception):
    """The rules say no. `detail` is Chinese and says what to do; `missing` lists what is lacking."""

    code = "refused"
    status = 400

    def __init__(self, detail, *, code=None, missing=(), field=""):
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.missing = list(missing)
        self.field = field

    def errors(self):
        """The refusal as a list of {field, code, detail}, for forms and the API."""
        if self.missing:
            return [{"field": m.field, "code": m.code, "detail": m.text} for m in self.missing]
        return [{"field": self.field, "code": self.code, "detail": self.detail}] if self.field else []


class NotAllowed(Refused):
    """The person may see the record but not do this to it."""

    code = "not_allowed"
    status = 403


class Gone(Refused):
    """The record was taken back while somebody worked on it; nothing was written."""

    code = "gone"
    status = 409

    def __init__(self):
        super().__init__(
            "这条记录刚被撤销（导入它的人撤回了那次导入），您填写的内容没有写入。请复制要留的文字，再重新登记。"
        )


class StaleVersion(Refused):
    """Somebody else saved first; nothing was written. `current` is the row as it stands now."""

    code = "stale_version"
    status = 412

    def __init__(self, current):
        super().__init__("这条记录刚被别人改过，您的修改没有写入。请核对两边的内容后再保存。")
        self.current = current
