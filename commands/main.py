"""The ``hoixa`` command line. Every error a person can cause ends as one clear line and exit code 1."""

from __future__ import annotations

import sys

import click

from bot.settings import SettingsError
from bot.store.database import DatabaseError
from commands import accounts, asking, demo, maintenance, processes, requests, supervisor
from commands.failure import CommandError
from commands.words import word


@click.group(help=word("main_help"), context_settings={"help_option_names": ["-h", "--help"]})
def hoixa() -> None:
    """Collect the commands below."""


for _command in (
    supervisor.serve,
    processes.web,
    processes.worker,
    processes.clock,
    maintenance.migrate,
    maintenance.doctor,
    maintenance.backup,
    maintenance.restore,
    accounts.oa,
    asking.ask,
    asking.evaluate,
    asking.knowledge_group,
    requests.requests_group,
    demo.demo,
):
    hoixa.add_command(_command)


def main() -> None:
    """Entry of the console script."""
    try:
        hoixa(standalone_mode=False)
    except (SettingsError, DatabaseError, CommandError) as error:
        click.echo(word("error", text=error), err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
