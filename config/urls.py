"""The site on one page."""

from django.urls import path

from config.home import home
from crm.admin_site import site
from crm.views import accounts, audit, notifications

urlpatterns = [
    path("", home, name="home"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("password/", accounts.password_change, name="password_change"),
    path("notifications/", notifications.inbox, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications_read_all"),
    path("notifications/<int:pk>/read/", notifications.read, name="notifications_read"),
    path("audit/", audit.events, name="audit"),
    path("admin/", site.urls),
]
