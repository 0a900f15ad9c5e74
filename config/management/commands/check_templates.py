"""Compile every page and piece, so that a typing error is found before anyone opens the page."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template


class Command(BaseCommand):
    help = "编译 templates/ 下的每个模板，语法有错则失败"
    requires_system_checks = []

    def handle(self, **options):
        folder = Path(settings.TEMPLATES[0]["DIRS"][0])
        names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.html"))]
        problems = [problem for name in names if (problem := _problem(name))]
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{len(names)} 个模板可以编译")


def _problem(name):
    try:
        get_template(name)
    except (TemplateSyntaxError, TemplateDoesNotExist) as error:
        return f"{name}: {error}"
    return ""
