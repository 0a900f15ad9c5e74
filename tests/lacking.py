"""What a refusal or a record's page lists as missing, and whether 去补充 leads to where it is filled in."""

import re
from html import unescape

ITEM = re.compile(r'<li data-missing="(\w+)">(.*?)</li>', re.DOTALL)
LINK = re.compile(r'<a [^>]*href="([^"]+)"[^>]*>去补充</a>')


def listed(answer):
    """{code of a missing thing: address of its 去补充, "" without one} in this answer."""
    found = {code: LINK.search(text) for code, text in ITEM.findall(answer.content.decode())}
    return {code: unescape(link[1]) if link else "" for code, link in found.items()}


def assert_leads_to_its_field(client, url):
    """The page behind `url` opens and holds what the address points at."""
    assert url.startswith("/"), url
    page = client.get(url.partition("#")[0])
    assert page.status_code == 200, url
    assert f'id="{url.partition("#")[2]}"' in page.content.decode(), url
    return page.content.decode()
