"""What the robots of 企业微信 and 钉钉 mean by the codes they refuse with, and what a person then does.

From their documentation (群机器人配置说明, 全局错误码; 自定义机器人接入 and its 错误码). A code that is not
in the table is told as it is. `errmsg` is read only where one code stands for several things: its words
change.
"""

from dataclasses import dataclass

ADD_AGAIN = "请在群里重新添加机器人，再到提醒设置填新地址。"
TEXT = "接受不了这条消息的内容，请把这条告诉系统管理员。"


@dataclass(frozen=True)
class Meaning:
    """Of one code: what it says, what to do; `marks`: words of the errmsg it holds for, none for all."""

    words: str
    marks: tuple = ()


# the message is welcome later
TOO_OFTEN = {
    "企业微信": frozenset({45009, 45033}),
    "钉钉": frozenset({130101, 410100, 90018, 90030}),
}
# trying again is of no use until a person has done something
FINAL = {
    "企业微信": {
        93000: [Meaning(f"机器人地址已失效，或机器人已被移出群。{ADD_AGAIN}")],
        93004: [Meaning("机器人已被停用，请在群里启用，或换一个机器人。")],
        93008: [Meaning(f"机器人不在这个群里了。{ADD_AGAIN}")],
        40008: [Meaning(f"企业微信{TEXT}")],
        40058: [Meaning(f"企业微信{TEXT}")],
        44004: [Meaning(f"企业微信{TEXT}")],
    },
    "钉钉": {
        300001: [Meaning(f"机器人地址已失效。{ADD_AGAIN}")],
        300005: [Meaning(f"机器人地址已失效。{ADD_AGAIN}")],
        310000: [
            Meaning(
                "机器人要求加签，本系统不加签。请在机器人的安全设置里取消“加签”，改选“自定义关键词”，填“招商”。",
                marks=("sign", "签名", "timestamp", "时间戳"),
            ),
            Meaning(
                "本系统服务器的地址不在机器人允许的 IP 范围里。请在机器人的安全设置里取消“IP 地址（段）”，"
                "改选“自定义关键词”，填“招商”。",
                marks=("whitelist", "白名单"),
            ),
            Meaning(
                "消息里没有机器人要求的关键词。请在机器人的安全设置的“自定义关键词”里加上“招商”。",
                marks=("keyword", "关键词", "关键字"),
            ),
            Meaning("钉钉的安全设置没有放行。请在机器人的安全设置里选“自定义关键词”，填“招商”。"),
        ],
        400013: [Meaning("群已解散，请换一个群的机器人。")],
        400101: [Meaning(f"机器人地址已失效。{ADD_AGAIN}")],
        400102: [Meaning("机器人已停用，请在群里启用，或换一个机器人。")],
        400105: [Meaning(f"钉钉{TEXT}")],
        400106: [Meaning(f"机器人已不在群里。{ADD_AGAIN}")],
        430101: [Meaning("钉钉认为消息里有不安全的链接，没有收下。请系统管理员核对网站地址的设置。")],
        430102: [Meaning("钉钉认为消息里有不合适的文字，没有收下。请到提醒中心看这条消息。")],
        430104: [Meaning("钉钉认为消息里有不合适的内容，没有收下。请到提醒中心看这条消息。")],
    },
}


def is_too_often(name, code):
    """Whether the robots called `name` ask by `code` to be written to less often."""
    return code in TOO_OFTEN[name]


def final(name, code, said):
    """The Chinese sentence for `code` of the robots called `name` that say `said`; "" for an unknown code."""
    said = str(said).lower()
    found = (one.words for one in FINAL[name].get(code, ()) if _holds(one, said))
    return next(found, "")


def _holds(meaning, said):
    return not meaning.marks or any(mark in said for mark in meaning.marks)
