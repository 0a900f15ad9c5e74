"""Health checks for containers: `python -m config.health web` or `beat`; the exit code is the answer."""

import http.client
import json
import sys

STALE = 150  # seconds without a tick, five of them missed


def main(what, port=8000):
    """0 when this part of the system is well, else 1."""
    answers = {"web": _web, "beat": _beat}
    try:
        return 0 if answers[what](port) else 1
    except (OSError, ValueError):
        return 1


def _web(port):
    return _get("127.0.0.1", port, "/healthz")[0] == 200


def _beat(port):
    """Whether a tick reached a worker and the database not long ago: beat, broker and worker in one."""
    age = json.loads(_get("web", port, "/readyz")[1])["beat_age_seconds"]
    return age is not None and age < STALE


def _get(host, port, path):
    connection = http.client.HTTPConnection(host, port, timeout=4)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
