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


def end(groups, grace=GRACE):
    """Ask every group to stop; after `grace` seconds those still there are killed."""
    left = {group for group in groups if send(group, signal.SIGTERM)}
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


def send(group, number):
    """Signal a process group; False when it has no process any more."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end(read_groups(sys.stdin))
