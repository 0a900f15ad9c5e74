"""What a child of the bench begins as: a worker that has loaded the site and done nothing yet.

The children come from a small process of their own. Forked from the bench itself, they would count its
memory, and it grows with every subject.
"""

import django

django.setup()

from django.urls import reverse  # noqa: E402 (needs a set-up Django)

from config import schedule  # noqa: E402, F401 (what a worker runs)

reverse("home")  # the addresses are read
