"""The site on one page."""

from django.urls import include, path

from config import views
from config.home import home
from crm.admin_site import site
from crm.views import accounts, audit, guide, notifications
from projects.views import chain, deliveries, reports

handler400 = "config.views.bad_request"
handler500 = "config.views.failed"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", home, name="home"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("password/", accounts.password_change, name="password_change"),
    path("guide/close/", guide.close, name="guide_close"),
    path("guide/reopen/", guide.reopen, name="guide_reopen"),
    path("notifications/", notifications.inbox, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications_read_all"),
    path("notifications/<int:pk>/read/", notifications.read, name="notifications_read"),
    path("audit/", audit.events, name="audit"),
    path("api/", include("config.api")),
    path("reports/", reports.funnel_page, name="reports"),
    path("reports/export/", reports.funnel_export, name="reports_export"),
    path("reports/delivery/", deliveries.delivery, name="delivery"),
    path("reports/delivery/export/<slug:table>/", deliveries.delivery_export, name="delivery_export"),
    path("reports/delivery/<slug:kind>/", deliveries.delivery_list, name="delivery_list"),
    path("reports/chain/", chain.chain_page, name="chain"),
    path("reports/chain/firms/", chain.firms_page, name="chain_firms"),
    path("screen/", reports.screen, name="screen"),
    path("admin/", site.urls),
    path("", include("leads.urls")),
    path("", include("projects.urls")),
]
