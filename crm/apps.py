"""The app as Django knows it."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "人员、单位与词表"
