"""What a person does with the own messages: read, unread, all at once, and back again."""

from crm.models import Notification


def mark_read(rows, at):
    """Mark those of `rows` that wait as read at `at`; returns how many."""
    return rows.unread().update(read_at=at)


def mark_unread(rows):
    """Let these wait again."""
    rows.update(read_at=None)


def take_back(user, at):
    """Undo what `user` marked as read in one deed at the moment `at`; returns how many wait again."""
    return Notification.objects.visible_to(user).filter(read_at=at).update(read_at=None)
