"""Numbers of the rules that reach into running claims: a new number counts at once."""

from django.contrib import admin, messages

from crm.admin import SettingAdmin
from crm.admin_site import site
from crm.models import Setting
from leads import lapses


@admin.register(Setting, site=site)
class RuleNumberAdmin(SettingAdmin):
    """Changing or removing a number of 首报首谈 sets the protection of every running claim anew."""

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self._rewind(request, obj.key)

    def delete_model(self, request, obj):
        key = obj.key  # a row that is gone has none
        super().delete_model(request, obj)
        self._rewind(request, key)

    def _rewind(self, request, key):
        if key == "protection_days":
            number = lapses.rewind()
            self.message_user(request, f"已按新的保护期重算 {number} 条首报的到期日。", messages.SUCCESS)
