"""What a server or worker has loaded by the time it works lives as long as it does: the collector need not
walk it again and again.

A page makes tens of thousands of objects and hardly ever a cycle. Python's usual threshold of 700 would start
the collector a hundred times for each, and an import of 20,000 rows spent an eighth of its time in it.
"""

import gc

THRESHOLDS = 50_000, 20, 50


def settle():
    """Set aside what is loaded, and look for cycles less often; what is forked from here inherits both."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
