"""The wiring as an app, so that its checks and tasks are found."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "config"
    label = "wiring"
    verbose_name = "系统"
