"""What a telephone is given to install the site."""

import struct
import zlib

import pytest

from django.urls import reverse


@pytest.mark.parametrize("size", [180, 192, 512])
def test_the_icon_is_a_png_of_the_size_asked_for_with_the_colours_of_the_drawing(client, size):
    answer = client.get(reverse("icon", args=[size]))
    data = answer.content
    assert answer["Content-Type"] == "image/png"
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (size, size)
    length = struct.unpack(">I", data[33:37])[0]
    rows = zlib.decompress(data[41 : 41 + length])
    assert len(rows) == size * (1 + 3 * size)
    pixel = lambda x, y: tuple(rows[y * (1 + 3 * size) + 1 + 3 * x :][:3])  # noqa: E731
    assert pixel(0, 0) == (11, 110, 138)
    assert pixel(size * 17 // 32, size * 10 // 32) == (255, 255, 255)


def test_no_other_size_is_drawn(client):
    assert client.get(reverse("icon", args=[5000])).status_code == 404


def test_the_page_without_network_and_the_worker_hold_nobody_and_set_no_cookie(client, as_, owner):
    stranger = [client.get(reverse(name)).content for name in ("offline", "worker")]
    as_(owner)
    for name, before in zip(("offline", "worker"), stranger, strict=True):
        answer = client.get(reverse(name))
        assert answer.content == before
        assert answer["Cache-Control"] == "no-cache"
        assert not answer.cookies
