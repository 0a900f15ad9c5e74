#!/usr/bin/env python
"""Django's command line for this product."""

import os
import sys

from django.core.management import execute_from_command_line

from crm import authorship


def main(argv):
    """Run the command; what it changes is signed with its name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with authorship.acting(authorship.COMMAND, *argv[1:2]):
        execute_from_command_line(argv)


if __name__ == "__main__":
    main(sys.argv)
