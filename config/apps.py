"""The wiring as an app, so that its checks and tasks are found."""

from importlib import import_module

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "config"
    label = "wiring"
    verbose_name = "系统"

    def ready(self):
        import_module("config.checks")
