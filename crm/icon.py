"""The icon of the site as PNG, drawn from the shapes of static/crm/icon.svg: telephones want no SVG."""

import struct
import zlib
from functools import cache

SIZES = (180, 192, 512)  # iOS, and what a manifest is asked for
SIDE = 32  # of the drawing
FINE = 4  # rows looked at per row of pixels
INK, WATER, PAPER = (11, 110, 138), (191, 230, 239), (255, 255, 255)
HOUSES = [(9, 9, 13, 17), (15, 6, 19, 17), (21, 11, 24, 17)]
# the upper edge of the canal from left to right, then the lower one back: cubic curves from the last point on
CANAL = [
    ((6, 22), (10, 22), (10, 19), (14, 19)),
    ((14, 19), (18, 19), (18, 22), (22, 22)),
    ((22, 22), (26, 22), (26, 20), (26, 20)),
    ((26, 24), (24, 26), (22, 26), (20, 26)),
    ((20, 26), (16, 26), (16, 23), (12, 23)),
    ((12, 23), (8, 23), (8, 25), (6, 25)),
]


@cache
def png(size):
    """The icon as PNG bytes, `size` pixels wide; to the edges, so that a system may cut its own shape."""
    rows = [[INK] * size for _ in range(size)]
    _fill(rows, [point for curve in CANAL for point in _along(curve)], WATER)
    for left, top, right, bottom in HOUSES:
        _fill(rows, [(left, top), (right, top), (right, bottom), (left, bottom)], PAPER)
    data = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in rows)
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(data, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _along(curve, steps=16):
    a, b, c, d = curve
    for step in range(steps + 1):
        t = step / steps
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        yield tuple(
            sum(weight * point[axis] for weight, point in zip(weights, (a, b, c, d), strict=True))
            for axis in (0, 1)
        )


def _fill(rows, corners, colour):
    """Paint a polygon given in units of the drawing, its edges mixed with what lies below."""
    size = len(rows)
    corners = [(x * size / SIDE, y * size / SIDE) for x, y in corners]
    for number, row in enumerate(rows):
        share = [0.0] * size
        for fine in range(FINE):
            crossings = _crossings(corners, number + (fine + 0.5) / FINE)
            for left, right in zip(crossings[::2], crossings[1::2], strict=True):
                for x in range(int(left), min(int(right) + 1, size)):
                    share[x] += max(0.0, min(right, x + 1) - max(left, x)) / FINE
        for x, part in enumerate(share):
            if part:
                row[x] = tuple(
                    round(old + (new - old) * part) for old, new in zip(row[x], colour, strict=True)
                )


def _crossings(corners, y):
    """Where the edges of a polygon cross the line at height y, from left to right."""
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    return sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in edges if (y1 <= y) != (y2 <= y)
    )


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
