"""What a channel answers when it did not take a message."""

from datetime import timedelta


class NotSent(Exception):
    """The channel did not take the message; `why` is Chinese, for the person, and quotes no secret.

    `is_final` says that trying again is of no use. `pause` is how long this person's channel wants to be left
    alone. `is_down` says that the server takes nothing from anybody at present.
    """

    def __init__(self, why, *, is_final=False, pause=timedelta(0), is_down=False):
        super().__init__(why)
        self.why, self.is_final, self.pause, self.is_down = why, is_final, pause, is_down
