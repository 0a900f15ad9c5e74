"""Two transactions at once, in an order a test decides: one begins while the other stands open."""

import threading

from django.db import connection

from crm.errors import Refused

A_MOMENT = 0.7  # seconds the other may use before the open transaction goes on; who must wait, waits on


class Other:
    """Somebody else's work in a thread of its own; `found` is what it got, or with what it was refused."""

    def __init__(self, work):
        self.work, self.found = work, None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        try:
            self.found = self.work()
        except Refused as refusal:
            self.found = refusal
        finally:
            connection.close()

    def begin(self):
        """Let it work for a moment: it is done then, or waits for us."""
        self.thread.start()
        self.thread.join(A_MOMENT)

    def before(self, words):
        """A wrapper of our statements: the other begins before our first one with these `words`."""

        def run(execute, sql, params, many, context):
            if words in sql and self.thread.ident is None:
                self.begin()
            return execute(sql, params, many, context)

        return connection.execute_wrapper(run)

    def ended(self):
        """What became of it, once it has ended; None when it never began."""
        if self.thread.ident is not None:
            self.thread.join()
        return self.found
