"""The cast: people of two units, a station and the offices above them."""

import gc
import os
import sys

import pytest

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models.expressions import Col
from django.template.base import Template
from django.test import TransactionTestCase
from django.utils import timezone

from crm import stage_words
from crm.accounts import begin_session
from crm.models import City
from tests import make, pristine

sys.dont_write_bytecode = False  # pytest's own form of the tests is kept, whatever the machine says
TransactionTestCase._fixture_teardown = pristine.give_back
FLUSHES = {"transactional_db", "live_server"}
TABLES = {*FLUSHES, "db", "module_db", "django_db_setup"}
# what takes longest, by itself or for what its module prepares
LONGEST = (
    "tests/browser/",
    "tests/faults/",
    "tests/projects/test_demo",
    "tests/test_access.py",
    "tests/projects/test_reports.py",
    "tests/test_form_words.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest begin, everything else stays in its random order, module by module.

    The list is dealt out in as many parts as there are workers. The first worker migrates the database, the
    others begin with the modules that need none; the tests that flush the tables stand together behind them.
    Each takes from the end of another list when its own is done. So nobody waits at first or sits alone over
    a long test at last, and what a module prepares, a browser or a year of the demo, is prepared once.
    """
    asking = {item.path for item in items if _needs_tables(item)}
    pure = _by_module(item for item in items if item.path not in asking)
    flushing = _by_module(item for item in items if _flushes(item))
    others = _by_module(item for item in items if item.path in asking and not _flushes(item))
    items[:] = _dealt(pure, flushing, others, workers=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)))


def _dealt(pure, flushing, others, workers):
    """All tests in one list, which the workers cut into equal parts."""
    if workers == 1:
        return [*pure, *flushing, *others]
    size, each = (len(pure) + len(flushing) + len(others)) // workers, len(pure) // (workers - 1) + 1
    dealt, left = others[:size], others[size:]
    for worker in range(1, workers):
        part = pure[each * (worker - 1) : each * worker] + (flushing if worker == 1 else [])
        room = max(size - len(part), 0)
        dealt, left = [*dealt, *part, *left[:room]], left[room:]
    return dealt + left


def _by_module(items):
    """The tests of a module together, also those that need no table: what it prepares is made once."""
    modules = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    return [item for module in sorted(modules.values(), key=_place) for item in module]


def _place(module):
    path = module[0].nodeid
    return next((place for place, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))


def _needs_tables(item):
    return bool(TABLES.intersection(item.fixturenames)) or item.get_closest_marker("django_db") is not None


def _flushes(item):
    marker = item.get_closest_marker("django_db")
    return bool(FLUSHES.intersection(item.fixturenames) or (marker and marker.kwargs.get("transaction")))


def pytest_collection_finish():
    """What is loaded by now lives to the end: the collector needs not walk it again for every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def _contexts_of_pages_only(django_test_environment):
    """A test reads the context of a page; of the hundreds of pieces and fields in it nobody keeps a copy."""
    told = Template._render

    def render(template, context):
        is_piece = context.template is not template or "/widgets/" in (template.name or "")
        return template.nodelist.render(context) if is_piece else told(template, context)

    Template._render = render
    yield
    Template._render = told


@pytest.fixture(scope="session", autouse=True)
def _columns_hashed_by_name():
    """An ordered query hashes every column it selects by all it is made of; its name tells it as well."""
    Col.__hash__ = lambda column: hash((column.alias, column.target.name))
    yield
    del Col.__hash__


@pytest.fixture(autouse=True)
def _words(monkeypatch):
    """No test reads the words of stages that another renamed, nor reads them twice because it is slow."""
    monkeypatch.setattr(stage_words, "FRESH", 3600)
    stage_words.forget()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """The database of this worker; a test that commits leaves it as it was."""
    with django_db_blocker.unblock():
        before = pristine.make()
    yield
    with django_db_blocker.unblock():
        pristine.end(before)


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        pristine.drop()


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """The database for what all tests of a module read; what the module wrote is gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def freeze(monkeypatch):
    """Let the doors believe it is `at`: `freeze(make.NOW + timedelta(days=1))`. Log in after freezing."""

    def stop(at):
        monkeypatch.setattr(timezone, "now", lambda: at)

    return stop


@pytest.fixture
def banshan(db):
    return make.unit("banshan", "半山区块")


@pytest.fixture
def wanggu(db):
    return make.unit("wanggu", "智慧网谷小镇")


@pytest.fixture
def shenzhen_station(db):
    unit = make.unit("station_sz", "驻深工作站", "station")
    unit.city = City.objects.get(pk="440300")
    unit.save()
    return unit


@pytest.fixture
def bureau(db):
    return make.unit("bureau", "区投促局", "bureau")


@pytest.fixture
def owner(banshan):
    return make.user("owner", "officer", banshan, "林晓")


@pytest.fixture
def teammate(banshan):
    return make.user("teammate", "officer", banshan, "周舟")


@pytest.fixture
def outsider(wanggu):
    return make.user("outsider", "officer", wanggu, "郑言")


@pytest.fixture
def head(banshan):
    return make.user("head", "head", banshan, "沈主任")


@pytest.fixture
def station(shenzhen_station):
    return make.user("station", "station", shenzhen_station, "陈站长")


@pytest.fixture
def manager(bureau):
    return make.user("manager", "manager", bureau, "何科长")


@pytest.fixture
def leader(bureau):
    return make.user("leader", "leader", None, "区领导")


@pytest.fixture
def reviewer(db):
    return make.user("reviewer", "reviewer", None, "审查员")


@pytest.fixture
def fund_user(db):
    return make.user("fund", "fund", None, "基金经理")


@pytest.fixture
def auditor(db):
    return make.user("auditor", "auditor", None, "审计员")


@pytest.fixture
def admin_user(db):
    return make.user("admin", "admin", None, "管理员")


@pytest.fixture
def as_(client):
    """Log the test client in as somebody: `as_(owner).get(...)`."""

    return lambda user: logged_in(client, user)


def logged_in(client, user):
    """`client` with the session that the login page would have given `user`; their own, if they have one."""
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    session = SessionStore(cookie.value if cookie else None)
    if cookie and session.get(SESSION_KEY) == f"{user.pk}":
        begin_session(session, timezone.now())
        session.save()
        return client
    session = SessionStore()
    session[SESSION_KEY] = f"{user.pk}"
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    begin_session(session, timezone.now())
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


@pytest.fixture
def now():
    return make.NOW
