"""What a password must be (GB/T 22239 8.1.4.1): long enough, of several kinds, not the account itself."""

import unicodedata

from django.core.exceptions import ValidationError


class LongEnough:
    """At least `length` characters."""

    def __init__(self, length=10):
        self.length = length

    def validate(self, password, user=None):
        if len(password) < self.length:
            raise ValidationError(
                f"密码只有 {len(password)} 位，至少要 {self.length} 位。", code="password_too_short"
            )

    def get_help_text(self):
        return f"至少 {self.length} 位。"


class SeveralKinds:
    """At least `kinds` of: lower case, upper case, digits, anything else."""

    TESTS = (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())

    def __init__(self, kinds=3):
        self.kinds = kinds

    def validate(self, password, user=None):
        found = sum(any(test(char) for char in password) for test in self.TESTS)
        if found < self.kinds:
            raise ValidationError(
                f"密码只有 {found} 类字符，小写字母、大写字母、数字、符号中至少要有 {self.kinds} 类。",
                code="password_too_plain",
            )

    def get_help_text(self):
        return f"小写字母、大写字母、数字、符号中至少 {self.kinds} 类。"


class NotTheAccount:
    """The account name must not stand in the password, in whatever case or width."""

    def validate(self, password, user=None):
        account = _plain(user.get_username()) if user else ""
        if len(account) >= 3 and account in _plain(password):
            raise ValidationError("密码里不能含有账号名。", code="password_has_account")

    def get_help_text(self):
        return "不能含有账号名。"


def _plain(text):
    return unicodedata.normalize("NFKC", text).casefold()
