"""The door for a WSGI server. Whoever starts it without saying otherwise is in production."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("MODE", "production")

application = get_wsgi_application()
