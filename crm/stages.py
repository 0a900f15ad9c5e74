"""A map of stages: which follows which, and how a step that is not the next one must be justified."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.errors import Refused


class StepRefused(Refused):
    """The step is not on the map, or needs a reason that was not given."""

    code = "step"


@dataclass(frozen=True)
class StageMap:
    """The forward line in order, the side exits, and the stages from which one may come back."""

    line: tuple
    side: dict = field(default_factory=dict)
    labels: Mapping = field(default_factory=dict)

    def check(self, here, step):
        """Raise StepRefused unless `step.to` may follow `here`; a skip is for forced steps only."""
        if step.to not in self.line and step.to not in self.side:
            raise StepRefused(f"没有「{step.to}」这个阶段。", field="stage")
        if step.to == here:
            raise StepRefused(f"已经在「{self.labels[here]}」。", code="same_stage", field="stage")
        if step.to not in self.next(here) and not step.forced:
            raise StepRefused(
                f"不能从「{self.labels[here]}」直接到「{self.labels[step.to]}」，"
                f"可以到：{self.names(self.next(here))}。",
                code="skipped_stage",
                field="stage",
            )
        if self.needs_reason(here, step) and not step.reason:
            raise StepRefused("请填写理由。", code="reason_required", field="reason")

    def next(self, here):
        """The stages one may go to from `here` without force: the next, the previous, the side exits."""
        if here in self.side:
            return self.side[here]
        place = self.line.index(here)
        near = self.line[max(place - 1, 0) : place] + self.line[place + 1 : place + 2]
        return tuple(near) + tuple(code for code, back in self.side.items() if here in back)

    def needs_reason(self, here, step):
        """Going back, going aside, coming back from aside and being forced want a reason."""
        return step.forced or not self.is_forward(here, step.to)

    def is_forward(self, here, to):
        """Whether `to` stands later on the line than `here`."""
        if here not in self.line or to not in self.line:
            return False
        return self.line.index(to) > self.line.index(here)

    def between(self, here, to):
        """The stages on the line that a step forward from `here` to `to` passes over."""
        if not self.is_forward(here, to):
            return ()
        return self.line[self.line.index(here) + 1 : self.line.index(to)]

    def further(self, one, other):
        """The later of two stages on the line; a side exit never counts as further."""
        places = {code: n for n, code in enumerate(self.line)}
        return max(one, other, key=lambda code: places.get(code, -1))

    def names(self, codes):
        return "、".join(self.labels[c] for c in codes)
