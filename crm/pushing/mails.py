"""Mail: one message to one person by the server of the settings; off when none is set."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from crm.pushing.unsent import NotSent

PATIENCE = 30  # seconds for every step: who looks through a mail before taking it answers late
UNKNOWN_RECIPIENT = (550, 551, 553)


def is_set_up():
    """Whether the site can send mail at all."""
    return bool(settings.EMAIL_HOST)


def outside(address):
    """Why mail may not go to `address`: it is of none of the domains the settings allow; "" when it may."""
    domains = [one.lower() for one in settings.EMAIL_DOMAINS]
    if not address or not domains or address.rpartition("@")[2].lower() in domains:
        return ""
    return f"只能推送到{'、'.join(domains)}的邮箱。"


def send(address, subject, text):
    """Send one mail; raises NotSent when the server did not take it."""
    mail = EmailMessage(" ".join(subject.split()), text, to=[address])
    try:
        mail.connection = get_connection(timeout=PATIENCE)
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(error) from None
    except smtplib.SMTPAuthenticationError:
        raise NotSent("发信服务器不认系统的账号或密码，请告诉系统管理员。", is_down=True) from None
    except smtplib.SMTPServerDisconnected:  # also what smtplib makes of an answer that does not come
        raise NotSent("发信服务器没有回答或断开了连接。", is_down=True) from None
    except smtplib.SMTPException as error:
        code = getattr(error, "smtp_code", None)
        raise NotSent(f"发信服务器没有收下（{code}）。" if code else "发信服务器没有收下。") from None
    except TimeoutError:
        why = f"发信服务器在 {PATIENCE} 秒内没有回答。"
        raise NotSent(why, is_down=True, was_reached=False) from None
    except OSError:
        raise NotSent("连不上发信服务器。", is_down=True, was_reached=False) from None


def _refused(error):
    codes = {code for code, _ in error.recipients.values()}
    if codes.intersection(UNKNOWN_RECIPIENT):
        return NotSent("邮箱地址被对方服务器退回，请到提醒设置核对邮箱。", is_final=True)
    return NotSent("收信服务器暂时不收，稍后再发。")
