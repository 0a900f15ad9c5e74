"""The door for a WSGI server. Whoever starts it without saying otherwise is in production."""

import os

from django.core.wsgi import get_wsgi_application

from crm.values import search

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("MODE", "production")

application = get_wsgi_application()
search.grams("拱墅")  # the readings of pinyin are in memory before the server parts into workers
