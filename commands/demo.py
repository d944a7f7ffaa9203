"""``hoixa demo``: the whole product on one machine, with Zalo emulated and five communes connected.

The product runs as anybody would run it (``hoixa serve`` with settings from the environment); only the other side is
emulated. Each start begins with fresh data.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
import requests

from bot import grants
from bot.services import build_services
from bot.settings import load_settings
from bot.store.schema import migrate
from commands.environment import load_library
from commands.failure import CommandError
from commands.parenthood import SUPERVISED_BY
from commands.supervisor import hoixa_command
from commands.words import word

CHAT_PORT = 8090
PRODUCT_PORT = 8000
READY_SECONDS = 60.0


def _free_port(wanted: int) -> int:
    """``wanted`` if nobody has it, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CommandError(word("demo_failed", reason="127.0.0.1"))


def _wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CommandError(word("demo_failed", reason=f"hoixa serve → {process.returncode}"))
        try:
            if requests.get(f"{address}/readyz", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)  # asks again; readiness itself is what /readyz says
    raise CommandError(word("demo_failed", reason="/readyz"))


@click.command(help=word("demo_help"))
@click.option("--port", default=CHAT_PORT, show_default=True, help=word("option_port"))
def demo(port: int) -> None:
    """Everything on one machine."""
    import emulator
    from bot.permissions import role_name
    from commands.demo_seeds import SHOWN_COMMUNE, Seeds
    from emulator import residents
    from emulator.identifiers import stable_number
    from emulator.seeds import COMMUNES, seeded_secret_key

    begun = time.monotonic()
    click.echo(word("demo_starting"))
    chat_port, product_port = _free_port(port), _free_port(PRODUCT_PORT)
    product = f"http://127.0.0.1:{product_port}"
    folder = Path(os.environ.get("HOIXA_DATA_DIR") or "var").absolute() / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    configuration = emulator.EmulatorConfiguration(
        webhook_url=f"{product}/webhooks/zalo",
        trace_url=f"{product}/traces?oa_id={{oa_id}}&msg_id={{msg_id}}",
        seed_communes=True,
    )
    with emulator.start(configuration, port=chat_port) as running:
        environment = {
            "HOIXA_DATA_DIR": str(folder),
            "HOIXA_SECRET_KEY": secrets.token_hex(32),
            "HOIXA_ZALO_APP_ID": configuration.app_id,
            "HOIXA_ZALO_APP_SECRET": configuration.app_secret,
            "HOIXA_ZALO_API_URL": running.url,
            "HOIXA_ZALO_OAUTH_URL": running.url,
            "HOIXA_ZALO_CDN_HOSTS": "127.0.0.1",
            "HOIXA_BIND": f"127.0.0.1:{product_port}",
            "HOIXA_PUBLIC_URL": product,
            "HOIXA_TRACE": "1",
        }
        services = build_services(load_settings(environment))
        migrate(services.database)
        oa_ids: dict[str, str] = {}
        for account in running.emulator.world.accounts():
            slug = next(slug for slug, name in COMMUNES.items() if name == account.name)
            oa_ids[slug] = account.oa_id
            pair = running.emulator.issue_tokens(account.oa_id)
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
        own = {slug: stable_number(f"user {slug} 0") for slug in oa_ids}
        seeds = Seeds(services, load_library(), oa_ids, own)
        accounts = seeds.sow()
        services.database.close()

        def when_ready() -> None:
            """Print who may sign in, and let one resident ask for a person, as residents do."""
            click.echo(word("demo_accounts", console=f"{product}/console/"))
            for one in accounts:
                place = word("demo_city") if one.commune_id is None else COMMUNES[one.commune_id]
                row = {"role": role_name(one.role), "place": place, "email": one.email, "password": one.password}
                click.echo(word("demo_account", **row))
            waiting = stable_number(f"user {SHOWN_COMMUNE} 2")
            for text in seeds.data["waits"]:
                residents.send_text(running.emulator, oa_ids[SHOWN_COMMUNE], waiting, text)

        log = folder / "serve.log"
        with log.open("wb") as output:
            _run(environment, product, running.url, folder, output.fileno(), begun, when_ready)


def _run(
    environment: dict[str, str],
    product: str,
    chat: str,
    folder: Path,
    output: int,
    begun: float,
    when_ready: Callable[[], None],
) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOIXA_")}
    process = subprocess.Popen(
        [*hoixa_command(), "serve"],
        env={**inherited, **environment, SUPERVISED_BY: str(os.getpid())},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        _wait_until_ready(product, process)
        seconds = round(time.monotonic() - begun)
        when_ready()
        click.echo(word("demo_ready", seconds=seconds, chat=chat, product=product, path=folder))
        sys.stdout.flush()
        while not stop.wait(0.5):
            if process.poll() is not None:
                raise CommandError(word("demo_failed", reason=str(folder / "serve.log")))
    finally:
        process.terminate()
        process.wait()
