"""What every test shares: a clean environment, a data folder of its own, steady hypothesis runs, both databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from log_watch import LogWatch

from bot.settings import Settings, load_settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as commands.main does, before anything imports numpy

pytest_plugins = ["postgres"]

# No deadline anywhere: the machine that runs the tests may be busy, and time is measured in benchmarks/, not here.
# Unattended runs take the same examples each time, so that a red run says something about the change under test.
hypothesis_settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take every ``HOIXA_`` variable of whoever runs the tests away: no test may meet a real database or a real OA.

    Commands read ``.env`` in the working folder, and an install has one, so the tests work in an empty folder.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HOIXA_")]:
            patch.delenv(name)
        patch.chdir(tmp_path_factory.mktemp("working-folder"))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_personal_data_in_any_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail the run where a phone number, an identity number or a planted name stands in any line of our logs."""
    watch = LogWatch()
    with watch.watching():
        yield
    watch.look_into(sorted(tmp_path_factory.getbasetemp().rglob("*.log")))
    if watch.found:
        pytest.fail("personal data in logs:\n" + "\n".join(sorted(set(watch.found))[:40]), pytrace=False)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder of this test alone."""
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    """``HOIXA_`` variables of a small install. Zalo's addresses lead to a loopback port where nobody listens.

    Change it before asking for ``settings``, or lay it over ``os.environ`` for a process under test.
    """
    return {
        "HOIXA_DATA_DIR": str(data_dir),
        "HOIXA_SECRET_KEY": "a key of the tests, and of nothing else",
        "HOIXA_ZALO_APP_ID": "1234567890123456789",
        "HOIXA_ZALO_APP_SECRET": "an app secret of the tests",
        "HOIXA_ZALO_API_URL": "http://127.0.0.1:9",
        "HOIXA_ZALO_OAUTH_URL": "http://127.0.0.1:9",
        "HOIXA_QUIET_HOURS": "off",
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    """The settings that ``environment`` gives, read as the product reads them."""
    return load_settings(environment)
