"""The real product and the emulated Zalo, started for the browser tests and stopped clean.

As ``hoixa demo`` does it: the emulator in this process, ``hoixa serve`` with its web, worker and clock as processes of
their own over a data folder of their own. Only Zalo's waits are shortened: redelivery, and until a message is seen.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from chaos.ports import free_port

import emulator
from bot import grants
from bot.journal.figures import backlog
from bot.services import Services, build_services
from bot.settings import load_settings
from bot.store.schema import migrate
from commands.parenthood import SUPERVISED_BY
from emulator.application import RunningEmulator
from emulator.configuration import EmulatorConfiguration
from emulator.seeds import COMMUNES, seeded_secret_key
from emulator.world import Resident

READY_SECONDS = 120.0
STOP_SECONDS = 60.0
SETTLE_SECONDS = 90.0
REDELIVERY_SCALE = 0.02
"""Zalo's first redelivery, after thirty seconds, comes after 0.6 seconds."""


@dataclass(frozen=True)
class Product:
    """Both sides, running."""

    zalo: RunningEmulator
    url: str
    services: Services
    """The product's own database, to see when its work is done."""

    def oa_id(self, commune: str) -> str:
        """The OA of a commune, by the commune's slug."""
        return next(account.oa_id for account in self.zalo.emulator.world.accounts() if account.alias == commune)

    def new_resident(self, commune: str, name: str = "Bác Mới (thử)") -> Resident:
        """Somebody this commune has never met."""
        return self.new_resident_of(self.oa_id(commune), name)

    def new_resident_of(self, oa_id: str, name: str = "Bác Mới (thử)") -> Resident:
        """The same, by the OA."""
        return self.zalo.emulator.world.add_resident(oa_id, name)

    def replies(self, resident: Resident) -> list[str]:
        """Every text the resident was sent, oldest first."""
        messages = self.zalo.emulator.world.conversation(resident.oa_id, resident.user_id)
        return [message.text for message in messages if message.direction == "out"]

    def settle(self, *, redeliveries: bool = True) -> None:
        """Wait until nothing is under way: no event on its way, none unhandled, no reply unsent or in doubt.

        ``redeliveries=False`` leaves aside events the product refused, which Zalo will try again later.
        """
        deadline = time.monotonic() + SETTLE_SECONDS
        pause = threading.Event()
        while time.monotonic() < deadline:
            on_its_way = self.zalo.emulator.sender.pending() if redeliveries else 0
            with self.services.database.read() as connection:
                open_rows = backlog(connection)
            if not on_its_way and open_rows.oldest_event_ms is None and open_rows.oldest_reply_ms is None:
                return
            pause.wait(0.02)  # between two looks
        raise AssertionError(f"not settled within {SETTLE_SECONDS} s: {open_rows.counts}")

    def all_is_well_again(self) -> None:
        """Nothing on its way, no fault, the machine's time, full packages."""
        self.zalo.emulator.sender.forget()
        self.zalo.emulator.faults.clear()
        self.zalo.emulator.clock.reset()
        for account in self.zalo.emulator.world.accounts():
            account.tier = "full"
        self.zalo.emulator.world.touch()


def _connect_communes(environment: dict[str, str], zalo: RunningEmulator) -> Services:
    services = build_services(load_settings(environment))
    migrate(services.database)
    slug_of = {name: slug for slug, name in COMMUNES.items()}
    for account in zalo.emulator.world.accounts():
        slug = slug_of[account.name]
        pair = zalo.emulator.issue_tokens(account.oa_id)
        grants.connect(
            services.database,
            services.vault,
            services.clock,
            oa_id=account.oa_id,
            commune_id=slug,
            secret=seeded_secret_key(slug),
            access_token=pair.access_token,
            refresh_token=pair.refresh_token,
        )
    return services


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    asked_again = threading.Event()
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if requests.get(f"{address}/readyz", timeout=20).ok:
                return
        except requests.RequestException:
            pass
        asked_again.wait(0.1)  # between two questions; readiness itself is what /readyz says
    raise AssertionError(f"not ready within {READY_SECONDS} s:\n{log.read_text(encoding='utf-8')}")


@contextmanager
def running_product(folder: Path) -> Iterator[Product]:
    """Start both, hand them out, stop both. A product that does not stop by itself fails the run."""
    url = f"http://127.0.0.1:{free_port()}"
    configuration = EmulatorConfiguration(
        webhook_url=f"{url}/webhooks/zalo",
        trace_url=f"{url}/traces?oa_id={{oa_id}}&msg_id={{msg_id}}",
        redelivery_scale=REDELIVERY_SCALE,
        seen_delay_seconds=0.1,
        seed_communes=True,
    )
    log = folder / "serve.log"
    with emulator.start(configuration) as zalo, log.open("wb") as output:
        environment = {
            "HOIXA_DATA_DIR": str(folder),
            "HOIXA_SECRET_KEY": secrets.token_hex(32),
            "HOIXA_ZALO_APP_ID": configuration.app_id,
            "HOIXA_ZALO_APP_SECRET": configuration.app_secret,
            "HOIXA_ZALO_API_URL": zalo.url,
            "HOIXA_ZALO_OAUTH_URL": zalo.url,
            "HOIXA_ZALO_CDN_HOSTS": "127.0.0.1",
            "HOIXA_BIND": url.removeprefix("http://"),
            "HOIXA_PUBLIC_URL": url,
            "HOIXA_TRACE": "1",
            # Announcements are tried at whatever hour the tests run.
            "HOIXA_QUIET_HOURS": "off",
        }
        services = _connect_communes(environment, zalo)
        process = subprocess.Popen(
            [sys.executable, "-m", "commands", "serve"],
            env={**os.environ, **environment, SUPERVISED_BY: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            _wait_until_ready(url, process, log)
            yield Product(zalo, url, services)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
            finally:
                services.database.close()
    assert process.returncode == 0, log.read_text(encoding="utf-8")
