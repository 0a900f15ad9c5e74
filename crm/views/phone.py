"""What makes the site an app on a telephone: its manifest, its icon, its worker, its page without network.

Nothing here asks who is there and nothing here holds data: a telephone may keep all of it.
"""

import hashlib
import json

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm import icon

A_DAY = "public, max-age=86400"
ASK_AGAIN = "no-cache"
SHELL = (
    "vendor/tabler.min.css",
    "crm/app.css",
    "crm/records.css",
    "crm/theme.js",
    "crm/outbox.js",
    "crm/offline.js",
    "crm/icon.svg",
)  # the files of the page without network


@login_not_required
@require_safe
def manifest(request):
    """How the site is installed: its name, its icons, where it opens."""
    icons = [
        {"src": reverse("icon", args=[size]), "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
        for size in (192, 512)
        for use in ("any", "maskable")
    ]
    body = {
        "name": "拱墅招商",
        "short_name": "拱墅招商",
        "lang": "zh-CN",
        "id": "/",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b6e8a",
        "icons": [{"src": static("crm/icon.svg"), "sizes": "any", "type": "image/svg+xml"}, *icons],
        "shortcuts": [{"name": "记一家", "url": reverse("leads:capture")}],
    }
    headers = {"Cache-Control": A_DAY}
    return JsonResponse(body, headers=headers, content_type="application/manifest+json")


@login_not_required
@require_safe
def icon_png(request, size):
    """The icon in one of the sizes telephones ask for."""
    if size not in icon.SIZES:
        raise Http404
    return HttpResponse(icon.png(size), content_type="image/png", headers={"Cache-Control": A_DAY})


@login_not_required
@require_safe
def offline(request):
    """The page of a telephone without network: 记一家, and what was not sent yet; the same for all."""
    return HttpResponse(_offline(), headers={"Cache-Control": ASK_AGAIN})


@login_not_required
@require_safe
def worker(request):
    """The service worker. Its cache bears the mark of its files: another version makes another cache."""
    files = [reverse("offline"), *map(static, SHELL)]
    mark = hashlib.sha256("\n".join([*files, _offline()]).encode()).hexdigest()[:12]
    context = {"files": json.dumps(files), "mark": mark, "offline": files[0]}
    text = render_to_string("worker.js", context)
    return HttpResponse(text, content_type="text/javascript", headers={"Cache-Control": ASK_AGAIN})


def _offline():
    return render_to_string("offline.html")
