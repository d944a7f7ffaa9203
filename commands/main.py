"""The ``hoixa`` command line. Every error a person can cause ends as one clear line and exit code 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module

import click

from bot.settings import SettingsError
from bot.store.failure import DatabaseError
from commands.failure import CommandError
from commands.parenthood import MUST_BE_MENDED, SUPERVISED_BY
from commands.words import word

COMMANDS: Mapping[str, str] = {
    "serve": "commands.supervisor:serve",
    "web": "commands.processes:web",
    "worker": "commands.processes:worker",
    "clock": "commands.processes:clock",
    "migrate": "commands.maintenance:migrate",
    "doctor": "commands.maintenance:doctor",
    "backup": "commands.maintenance:backup",
    "restore": "commands.maintenance:restore",
    "oa": "commands.accounts:oa",
    "ask": "commands.asking:ask",
    "evaluate": "commands.asking:evaluate",
    "knowledge": "commands.knowledge:knowledge_group",
    "requests": "commands.requests:requests_group",
    "cases": "commands.cases:cases_group",
    "conversations": "commands.conversations:conversations_group",
    "staff": "commands.staff:staff_group",
    "teams": "commands.teams:teams_group",
    "broadcasts": "commands.broadcasts:broadcasts_group",
    "learn": "commands.learning:learn_group",
    "demo": "commands.demo:demo",
}
"""Where each command lives. Only the one asked for is imported: the web process must not load what the worker needs."""


class Commands(click.Group):
    """A group that imports its commands when they are used."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """All names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import the command of this name."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=Commands, help=word("main_help"), context_settings={"help_option_names": ["-h", "--help"]})
def hoixa() -> None:
    """Entry of all commands."""


def main() -> None:
    """Entry of the console script."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy reads it once; other cores serve other messages
    try:
        hoixa(standalone_mode=False)
    except (SettingsError, DatabaseError, CommandError) as error:
        click.echo(word("error", text=error), err=True)
        sys.exit(MUST_BE_MENDED if SUPERVISED_BY in os.environ else 1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
