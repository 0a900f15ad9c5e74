"""A robot of a group as 企业微信 and 钉钉 document it, on this machine: it answers what the test says."""

import http.client
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WECOM_KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}"
DINGTALK_KEY = "a" * 60 + "9f3e"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={DINGTALK_KEY}"


class Fake:
    """What was asked, and what is answered: (status, body) in turn, the last one for ever.

    As the real ones it takes JSON with `msgtype` text and its content only, at most 2048 octets; it says 200
    with an errcode, and 0 when the message was taken.
    """

    def __init__(self):
        self.asked, self.answers, self.patience = [], [(200, {"errcode": 0, "errmsg": "ok"})], None
        self.gate = threading.Event()

    def says(self, *answers):
        self.answers = [one if isinstance(one, tuple) else (200, one) for one in answers]

    def hangs(self):
        """It takes the connection and answers nothing."""
        self.answers = [None]

    def texts(self):
        return [body["text"]["content"] for _, body in self.asked]

    def answer(self, path, body):
        self.asked.append((path, body))
        told = self.answers[0]
        if len(self.answers) > 1:
            self.answers.pop(0)
        if told is None:
            self.gate.wait(20)
            return 200, b""
        status, said = told
        if status == 200 and said == {"errcode": 0, "errmsg": "ok"}:
            text = body.get("text", {}).get("content", "")
            if body.get("msgtype") != "text" or not text or len(text.encode()) > 2048:
                said = {"errcode": 40058, "errmsg": "invalid Request Parameter"}
        return status, said if isinstance(said, bytes) else json.dumps(said).encode()


@contextmanager
def serving(fake, monkeypatch, robots):
    """The fake in the place of both servers; whatever host the sender chose is noted in `fake.hosts`."""
    fake.hosts = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            status, said = fake.answer(self.path, json.loads(self.rfile.read(size)))
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *arguments):
            """Nothing on the console of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()

    def connect(host):
        fake.hosts.append(host)
        return http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=robots.PATIENCE)

    monkeypatch.setattr(robots, "connect", connect)
    try:
        yield fake
    finally:
        fake.gate.set()
        server.shutdown()
        server.server_close()
