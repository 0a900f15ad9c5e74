"""`make check`: everything that can be judged without the tests; all checks run, one failure fails all."""

import os
import secrets
import subprocess
import sys
import time

from config import environment

PYTHON = sys.executable
PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DATABASE_URL": f"postgres://gongshu:{secrets.token_hex(16)}@127.0.0.1:5432/gongshu",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "crm.example.cn",
}
UNSAFE = ("DEBUG", "DEMO_PASSWORD", "HTTPS")
CHECKS = (
    ("代码规则", ["-m", "ruff", "check", "."]),
    ("代码格式", ["-m", "ruff", "format", "--check", "."]),
    ("导入方向", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    ("数据库迁移是否齐全", ["manage.py", "makemigrations", "--check", "--dry-run"]),
    ("生产设置", ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]),
    ("页面模板", ["manage.py", "check_templates"]),
    ("容器编排", ["-m", "pytest", "-q", "-p", "no:randomly", "tests/platform/test_compose.py"]),
)


def main():
    """Run all checks and name those that failed."""
    failed = [title for title, command in CHECKS if not passes(title, command)]
    print(f"✗ 未通过：{'、'.join(failed)}" if failed else "✓ 全部通过", flush=True)
    return 1 if failed else 0


def passes(title, command):
    """Run one check; its output is shown when it fails."""
    started = time.monotonic()
    env = {key: value for key, value in os.environ.items() if key not in UNSAFE} | PRODUCTION
    done = subprocess.run(
        [PYTHON, *command], cwd=environment.BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
    print(f"{'✗' if done.returncode else '✓'} {title}（{time.monotonic() - started:.1f} 秒）", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return not done.returncode


if __name__ == "__main__":
    sys.exit(main())
