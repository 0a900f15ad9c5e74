"""What a channel answers when it did not take a message."""

from datetime import timedelta

WORDS = 200  # characters that are kept of a reason


class NotSent(Exception):
    """The channel did not take the message; `why` is Chinese, for the person, and quotes no secret.

    `is_final` says that trying again is of no use. `pause` is how long this person's channel wants to be left
    alone. `is_down` says that the server takes nothing from anybody at present; `was_reached`, that it was
    spoken to, so that it may have taken the message all the same.
    """

    def __init__(self, why, *, is_final=False, pause=timedelta(0), is_down=False, was_reached=True):
        super().__init__(why)
        self.why, self.is_final, self.pause = why[:WORDS], is_final, pause
        self.is_down, self.was_reached = is_down, was_reached
