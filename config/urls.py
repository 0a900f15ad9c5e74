"""The site on one page."""

from django.urls import include, path

from config import views
from config.home import home
from crm.admin_site import site
from crm.views import accounts, audit, guide, notifications, phone, preferences, saved_views
from projects.views import calendar, chain, deliveries, reports, stays

handler400 = "config.views.bad_request"
handler500 = "config.views.failed"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("manifest.webmanifest", phone.manifest, name="manifest"),
    path("icon-<int:size>.png", phone.icon_png, name="icon"),
    path("sw.js", phone.worker, name="worker"),
    path("offline/", phone.offline, name="offline"),
    path("", home, name="home"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("password/", accounts.password_change, name="password_change"),
    path("guide/close/", guide.close, name="guide_close"),
    path("guide/reopen/", guide.reopen, name="guide_reopen"),
    path("notifications/", notifications.show, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications_read_all"),
    path("notifications/settings/", preferences.settings, name="preferences"),
    path("notifications/settings/test/", preferences.test, name="preferences_test"),
    path("notifications/deliveries/", preferences.deliveries, name="deliveries"),
    path("notifications/undo/", notifications.undo, name="notifications_undo"),
    path("notifications/<int:pk>/", notifications.one, name="notification"),
    path("notifications/<int:pk>/read/", notifications.read, name="notifications_read"),
    path("notifications/<int:pk>/unread/", notifications.unread, name="notifications_unread"),
    path("notifications/<int:pk>/snooze/", notifications.snooze, name="notifications_snooze"),
    path("notifications/<int:pk>/wake/", notifications.wake, name="notifications_wake"),
    path("calendar/", calendar.settings, name="calendar"),
    path("calendar/open/", calendar.open_feed, name="calendar_open"),
    path("calendar/close/", calendar.close_feed, name="calendar_close"),
    path("calendar/feed/<slug:key>.ics", calendar.feed, name="calendar_feed"),
    path("audit/", audit.events, name="audit"),
    path("views/", saved_views.create, name="view_new"),
    path("views/columns/", saved_views.columns, name="view_columns"),
    path("views/<int:pk>/<slug:deed>/", saved_views.change, name="view_change"),
    path("api/", include("config.api")),
    path("reports/", reports.funnel_page, name="reports"),
    path("reports/export/", reports.funnel_export, name="reports_export"),
    path("reports/stays/<slug:stage>/", stays.stays_page, name="stays"),
    path("reports/stays/<slug:stage>/export/", stays.stays_export, name="stays_export"),
    path("reports/delivery/", deliveries.delivery, name="delivery"),
    path("reports/delivery/export/<slug:table>/", deliveries.delivery_export, name="delivery_export"),
    path("reports/delivery/<slug:kind>/", deliveries.delivery_list, name="delivery_list"),
    path(
        "reports/delivery/<slug:kind>/export/", deliveries.delivery_list_export, name="delivery_list_export"
    ),
    path("reports/chain/", chain.chain_page, name="chain"),
    path("reports/chain/export/", chain.chain_export, name="chain_export"),
    path("reports/chain/firms/", chain.firms_page, name="chain_firms"),
    path("reports/chain/firms/export/", chain.firms_export, name="chain_firms_export"),
    path("screen/", reports.screen, name="screen"),
    path("admin/", site.urls),
    path("", include("leads.urls")),
    path("", include("projects.urls")),
]
