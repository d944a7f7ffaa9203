"""``hoixa web``, ``hoixa worker`` and ``hoixa clock``: one process each, any number of each on PostgreSQL."""

from __future__ import annotations

import logging
import os
import signal
from typing import Any

import click

from bot.logs import configure_logging
from commands.environment import build_conversation, load_library, open_services
from commands.parenthood import follow_supervisor
from commands.ports import check_port
from commands.words import word

logger = logging.getLogger(__name__)


@click.command(help=word("web_help"))
def web() -> None:
    """Receive Zalo's events."""
    follow_supervisor()
    configure_logging("web")
    services = open_services()
    services.database.close()
    check_port(services.settings)
    from commands.web_server import WebServer

    WebServer(services.settings).run()


def _stop_on_signal(stop: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


@click.command(help=word("worker_help"))
def worker() -> None:
    """Understand and answer."""
    from bot.broadcasts.running import Announcer
    from bot.casework import acts
    from bot.casework.attachments import AttachmentKeeper
    from bot.casework.desk import StoreDesk
    from bot.casework.exports import ExportRunner
    from bot.casework.relearning import FOLDER, Relearner
    from bot.casework.twin_search import TwinSearch
    from bot.journal.model_in_force import ModelInForce
    from bot.journal.procedures_in_force import ProceduresInForce
    from bot.journal.processing import Handler
    from bot.journal.profiles import Profiles
    from bot.journal.worker import Worker

    follow_supervisor()
    configure_logging("worker")
    services = open_services()
    library = load_library()
    handler = Handler(
        build_conversation(
            library,
            ProceduresInForce(services.database).index,
            StoreDesk(services.database, services.vault, services.clock),
            lambda packaged: ModelInForce(services.database, services.settings.data_dir / FOLDER, packaged),
        ),
        library,
        services.vault,
        services.clock,
        keep_traces=services.settings.trace,
        profiles=Profiles(library, services.database),
        apply_acts=acts.apply,
    )
    loop = Worker(
        services,
        handler,
        chores=[
            ExportRunner(services, library),
            AttachmentKeeper(services),
            Announcer(services),
            TwinSearch(services),
            Relearner(services),
        ],
    )
    _stop_on_signal(loop.request_stop)
    loop.run(on_ready=lambda: logger.info("worker ready", extra={"pid": os.getpid()}))


@click.command(help=word("clock_help"))
def clock() -> None:
    """Keep the schedules."""
    from bot.timekeeping import Timekeeper

    follow_supervisor()
    configure_logging("clock")
    keeper = Timekeeper(open_services())
    _stop_on_signal(keeper.request_stop)
    keeper.run()
