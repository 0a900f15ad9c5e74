"""上手引导: whether a person still has the first steps before them. Which steps, projects/guide.py says."""

from crm import roles
from crm.models import User

HAVE_STEPS = frozenset(role for role, _ in roles.ROLE_CHOICES)  # whoever logs in as a person


def is_open(user):
    """Whether the steps are shown to `user`."""
    return user.role in HAVE_STEPS and user.guide_closed_at is None


def close(user, *, at):
    """Show them no more: they are done, or the person goes without."""
    User.objects.filter(pk=user.pk).update(guide_closed_at=at)


def reopen(user):
    """Show them again; what was done stays done."""
    User.objects.filter(pk=user.pk).update(guide_closed_at=None)


def note_search(user, *, at):
    """A search found something: nothing else would tell of it, so it is kept once, while the steps show."""
    if is_open(user) and user.searched_at is None:
        User.objects.filter(pk=user.pk, searched_at=None).update(searched_at=at)
