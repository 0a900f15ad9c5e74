"""群机器人: messages into a chat group of 企业微信 or 钉钉, by the address its robot was given.

The address is what a person typed, so the server is chosen from a list of ours and never from what it says:
https, the documented place, no redirect is followed, the answer is read up to a limit.
"""

import http.client
import json
import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from crm.errors import Refused
from crm.pushing import robot_codes
from crm.pushing.unsent import NotSent

PATIENCE = 5.0  # seconds to connect, and for every piece of the answer
ANSWER_MOST = 64 * 1024
LONGEST = 2000  # octets of a text; 企业微信 takes 2048
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Robot:
    """A kind of robot: where it listens and what its key looks like; how it says no is in robot_codes.py."""

    name: str
    host: str
    path: str
    parameter: str
    key: re.Pattern


WECOM = Robot(
    name="企业微信",
    host="qyapi.weixin.qq.com",
    path="/cgi-bin/webhook/send",
    parameter="key",
    key=re.compile(r"[0-9A-Za-z-]{20,64}"),
)
DINGTALK = Robot(
    name="钉钉",
    host="oapi.dingtalk.com",
    path="/robot/send",
    parameter="access_token",
    key=re.compile(r"[0-9A-Za-z]{40,80}"),
)
ROBOTS = {robot.host: robot for robot in (WECOM, DINGTALK)}
EXAMPLES = "、".join(
    f"https://{one.host}{one.path}?{one.parameter}=…（{one.name}）" for one in ROBOTS.values()
)


class BadAddress(Refused):
    """The address is none of a robot we know; it is not repeated in the sentence."""

    code = "invalid"


def checked(url):
    """The address of a robot as we keep it; raises BadAddress for everything else."""
    url = str(url).strip()
    try:
        parts = urlsplit(url)
        robot, port = ROBOTS.get(parts.hostname or ""), parts.port
    except ValueError:
        robot = port = None
    if robot is None:
        raise _bad("只能填企业微信或钉钉群机器人的地址")
    said = parse_qsl(parts.query, keep_blank_values=True)
    is_plain = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc
    if not is_plain or parts.fragment or parts.path != robot.path or len(said) != 1:
        raise _bad(f"这不是完整的{robot.name}群机器人地址")
    name, key = said[0]
    if name != robot.parameter or not robot.key.fullmatch(key):
        raise _bad(f"{robot.name}群机器人地址里的密钥不对")
    return f"https://{robot.host}{robot.path}?{name}={key}"


def name(url):
    """The kind of robot behind a kept address: 「企业微信」; "" for none."""
    robot = ROBOTS.get(urlsplit(url).hostname or "")
    return robot.name if robot else ""


def server(url):
    """The beginning of every address of the server behind a kept address; "" for none."""
    robot = ROBOTS.get(urlsplit(url).hostname or "")
    return f"https://{robot.host}/" if robot else ""


def masked(url):
    """What may be shown of a kept address: the kind and the last four letters."""
    return f"{name(url)}群机器人（…{url[-4:]}）" if url else ""


def post(url, text):
    """Write `text` into the group; raises NotSent when the robot did not take it."""
    address = checked(url)
    robot = ROBOTS[urlsplit(address).hostname]
    body = json.dumps({"msgtype": "text", "text": {"content": _short(text)}}, ensure_ascii=False).encode()
    status, content = _asked(robot, address, body)
    if status == 429:
        raise NotSent(_often(robot), pause=MINUTE)
    if status != 200:
        raise NotSent(f"{robot.name}没有收下，回答的状态是 {status}。")
    _judge(robot, content)


def connect(host):
    """A connection to one of the robots' servers; certificates are checked."""
    return http.client.HTTPSConnection(host, timeout=PATIENCE, context=ssl.create_default_context())


def _asked(robot, address, body):
    parts = urlsplit(address)
    server = connect(robot.host)
    try:
        _connect(robot, server)
        server.request(
            "POST",
            f"{parts.path}?{parts.query}",
            body=body,
            headers={"Content-Type": "application/json; charset=utf-8", "Connection": "close"},
        )
        answer = server.getresponse()
        return answer.status, answer.read(ANSWER_MOST)
    except TimeoutError:
        raise NotSent(f"{robot.name}在 {PATIENCE:.0f} 秒内没有回答。", is_down=True) from None
    except (OSError, http.client.HTTPException):
        raise NotSent(f"连不上{robot.name}的服务器。", is_down=True) from None
    finally:
        server.close()


def _connect(robot, server):
    try:
        server.connect()
    except TimeoutError:
        why = f"{robot.name}在 {PATIENCE:.0f} 秒内没有回答。"
        raise NotSent(why, is_down=True, was_reached=False) from None
    except OSError:
        raise NotSent(f"连不上{robot.name}的服务器。", is_down=True, was_reached=False) from None


def _judge(robot, content):
    """Taken is only what is answered with errcode 0, whatever the status says."""
    try:
        answer = json.loads(content)
        code = answer["errcode"]
    except (ValueError, KeyError, TypeError):
        raise NotSent(f"{robot.name}的回答看不懂。") from None
    if code == 0:
        return
    code = code if isinstance(code, int) else None
    if robot_codes.is_too_often(robot.name, code):
        raise NotSent(_often(robot), pause=MINUTE)
    if why := robot_codes.final(robot.name, code, answer.get("errmsg", "")):
        raise NotSent(why, is_final=True)
    raise NotSent(f"{robot.name}没有收下，错误代码 {'不明' if code is None else code}。")


def _often(robot):
    return f"发得太快，{robot.name}限制每分钟 20 条，稍后再发。"


def _short(text):
    """The text within what the robots take, cut between letters."""
    data = text.encode("utf-8", "replace")
    return text if len(data) <= LONGEST else data[: LONGEST - 3].decode("utf-8", "ignore") + "…"


def _bad(what):
    return BadAddress(f"{what}。请从群机器人的设置里整条复制，形如：{EXAMPLES}。", field="robot_url")
