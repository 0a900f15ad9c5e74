"""Ends the processes of `make run` when their supervisor is gone, however it went. Standard library only.

It reads the numbers of process groups from its standard input (`+12`, `-12`). When the input ends, nobody
watches over those still on the list any more: they are asked to stop, then stopped.
"""

import os
import signal
import sys
import time

GRACE = 3.0


def read_groups(lines):
    """The groups left over when the supervisor's pipe ended."""
    groups = set()
    for line in lines:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    return groups


def end(groups, grace=GRACE, reap=lambda: None):
    """Ask the leader of every group to stop, then whom it leaves behind; after `grace` seconds kill.

    Celery and gunicorn end their own children; a signal to all at once would only disturb that.
    `reap` buries the caller's dead children, which else would seem to be alive.
    """
    asked, left = set(groups), set(groups)
    for group in groups:
        send(os.kill, group, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        reap()
        left = {group for group in left if send(os.killpg, group, 0)}
        if not left:
            return
        for group in {group for group in left & asked if not send(os.kill, group, 0)}:
            send(os.killpg, group, signal.SIGTERM)
            asked.discard(group)
        time.sleep(0.05)
    for group in left:
        send(os.killpg, group, signal.SIGKILL)


def send(how, number, what):
    """Signal a process or a group; False when there is none any more."""
    try:
        how(number, what)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end(read_groups(sys.stdin))
