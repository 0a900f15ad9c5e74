"""What a page has read of a project already, so that gates and routes do not read it again.

Only what a page loads for itself is kept, on that instance; whoever changes a project holds a row of its own,
which keeps nothing.
"""


def loaded(record, relation):
    """The rows of a relation that were prefetched on this instance; None when nobody has."""
    return getattr(record, "_prefetched_objects_cache", {}).get(relation)
