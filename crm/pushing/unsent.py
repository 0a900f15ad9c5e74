"""What a channel answers when it did not take a message."""

from datetime import timedelta


class NotSent(Exception):
    """The channel did not take the message; `why` is Chinese, for the person, and quotes no secret.

    `is_final` says that trying again is of no use. `pause` is how long the channel wants to be left alone.
    """

    def __init__(self, why, *, is_final=False, pause=timedelta(0)):
        super().__init__(why)
        self.why, self.is_final, self.pause = why, is_final, pause
