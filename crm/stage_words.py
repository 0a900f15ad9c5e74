"""The words of the stages as the bureau wrote them in the settings: one source for all who say them."""

from collections.abc import Mapping
from time import monotonic

from django.utils.choices import BaseChoiceIterator

from crm.models import StageSetting

FRESH = 10  # seconds a process goes on with what it read; whoever renames a stage sees it at once


class _Reading:
    """What this process read last, and until when it trusts it."""

    words, until = {}, 0.0

    def now(self):
        if monotonic() >= self.until:
            self.words = dict(StageSetting.objects.values_list("code", "label"))
            self.until = monotonic() + FRESH
        return self.words

    def forget(self):
        self.until = 0.0


_reading = _Reading()
forget = _reading.forget


class StageWords(Mapping):
    """code → word of some stages, in the order of the codes; `standard` is the word without a setting."""

    def __init__(self, standard):
        self.standard = dict(standard)

    def __getitem__(self, code):
        standard = self.standard[code]
        return _reading.now().get(code, standard)

    def __iter__(self):
        return iter(self.standard)

    def __len__(self):
        return len(self.standard)

    def choices(self, codes=()):
        """The stages of `codes`, or all of them, for a picker."""
        return StageChoices(self, tuple(codes or self))


class StageChoices(BaseChoiceIterator):
    """(code, word) of the stages of `codes`, read anew each time a form shows them."""

    def __init__(self, words, codes):
        self.words, self.codes = words, codes
        self.standard = [(code, words.standard[code]) for code in codes]

    def __iter__(self):
        return ((code, self.words[code]) for code in self.codes)

    def __len__(self):
        return len(self.codes)
