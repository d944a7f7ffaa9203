"""``hoixa migrate``, ``doctor``, ``backup`` and ``restore``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import ClassVar

import click

from bot.clock import VIETNAM, from_ms
from bot.encryption import DecryptionError
from bot.journal import outbox
from bot.journal.figures import backlog, last_success, running_processes
from bot.services import Services, build_services
from bot.store import broadcasts, copies
from bot.store.copies import CopyError
from bot.store.schema import migrate as bring_up
from bot.timekeeping import STUCK_MS
from commands.accounts import account_states
from commands.environment import (
    build_conversation,
    load_library,
    open_services,
    refuse_wrong_key,
    settings_of_environment,
)
from commands.failure import CommandError
from commands.knowledge_health import knowledge_findings
from commands.words import word

SOON_DAYS = 14


@click.command(help=word("migrate_help"))
def migrate() -> None:
    """Bring the schema up."""
    services = build_services(settings_of_environment())
    click.echo(word("migrated" if bring_up(services.database) else "already_migrated"))
    refuse_wrong_key(
        services
    )  # ``serve`` begins with this command: what only a person can mend is told before the rest


class Report:
    """Findings of ``doctor``, each good, a warning or bad."""

    MARKS: ClassVar[dict[str, str]] = {"good": "✔", "warning": "!", "bad": "✘"}

    def __init__(self) -> None:
        self.findings: list[dict[str, str]] = []

    def add(self, level: str, key: str, **fields: object) -> None:
        """One finding, by its key in the catalogue."""
        self.findings.append({"level": level, "key": key, "text": word(key, **fields)})

    @property
    def bad(self) -> bool:
        """Whether anything needs mending now."""
        return any(finding["level"] == "bad" for finding in self.findings)


def _when(moment_ms: int | None) -> str:
    return word("doctor_never") if moment_ms is None else from_ms(moment_ms).astimezone(VIETNAM).strftime("%H:%M %d/%m")


def _examine_accounts(report: Report, services: Services) -> None:
    try:
        rows = account_states(services)
    except DecryptionError:
        report.add("bad", "doctor_key_wrong")
        return
    report.add("good", "doctor_key")
    report.add("good" if rows else "warning", "doctor_oas", count=len(rows))
    for row in rows:
        key, level = "doctor_token", "good"
        if row["state"] == "needs_grant":
            key, level = "doctor_grant", "bad"
        elif row["state"] == "paused":
            key, level = "doctor_paused", "warning"
        elif isinstance(row["days"], int) and row["days"] < SOON_DAYS:
            key, level = "doctor_expiring", "warning"
        report.add(level, key, **row)
        if row["state"] == "plain":
            report.add("warning", "doctor_plain", **row)
    if not services.settings.zalo_app_id or not services.settings.zalo_app_secret:
        report.add("warning", "doctor_no_app")


def _examine_journal(report: Report, services: Services) -> None:
    now = services.clock.now_ms()
    with services.database.read() as connection:
        running, figures = running_processes(connection, now), backlog(connection)
        received, sent = last_success(connection)
    if running.get("worker"):
        names = ", ".join(f"{kind} × {count}" for kind, count in sorted(running.items()))
        report.add("good", "doctor_processes", names=names)
    else:
        report.add("warning", "doctor_no_processes")
    report.add("good", "doctor_received", when=_when(received))
    report.add("good", "doctor_sent", when=_when(sent))
    oldest = min((m for m in (figures.oldest_event_ms, figures.oldest_reply_ms) if m is not None), default=None)
    if oldest is not None and now - oldest > STUCK_MS:
        report.add("bad", "doctor_stuck", when=_when(oldest))
    else:
        report.add("good", "doctor_no_stuck")
    with services.database.read() as connection:
        late = broadcasts.overdue(connection, now, STUCK_MS)
    for one in late:
        report.add("bad", "doctor_late_broadcast", id=one.id, when=_when(one.due_ms))
    counts = figures.counts
    in_doubt = counts.get(("outbox", "in_doubt"), 0) + counts.get(("outbox", "unknown"), 0)
    for key, count in (
        ("doctor_dead", counts.get(("outbox", "dead"), 0)),
        ("doctor_doubt", in_doubt),
        ("doctor_put_aside", counts.get(("inbox", "dead"), 0)),
    ):
        if count:
            report.add("warning", key, count=count)


def _examine_answers(report: Report, services: Services) -> None:
    library = load_library()
    try:
        build_conversation(library)
        report.add("good", "doctor_model")
    except CommandError:
        report.add("bad", "model_missing")
    connected = {str(row["commune"]) for row in account_states(services)} if not report.bad else set()
    for slug in sorted(connected & set(library.communes)):
        for key, fields in knowledge_findings(services, library, library.communes[slug]):
            report.add("warning", key, **fields)


@click.command(help=word("doctor_help"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
@click.option("--requeue", is_flag=True, help=word("option_dead"))
def doctor(as_json: bool, requeue: bool) -> None:
    """Health in plain Vietnamese; exit 1 if something must be mended."""
    services = open_services(check_key=False)
    report = Report()
    if requeue:
        with services.database.write() as connection:
            count = outbox.requeue_dead(connection, services.clock.now_ms())
            services.database.announce(connection)
        report.add("good", "doctor_requeued", count=count)
    report.add("good", "doctor_database", kind="SQLite" if services.settings.is_sqlite else "PostgreSQL")
    _examine_accounts(report, services)
    _examine_journal(report, services)
    _examine_answers(report, services)
    if as_json:
        click.echo(json.dumps({"good": not report.bad, "findings": report.findings}, ensure_ascii=False))
    else:
        for finding in report.findings:
            click.echo(word("doctor_line", mark=report.MARKS[finding["level"]], text=finding["text"]))
    if report.bad:
        sys.exit(1)


@click.command(help=word("backup_help"))
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """A consistent copy, also while the service runs."""
    if file.exists():
        raise CommandError(word("backup_exists", path=file))
    services = open_services(check_key=False)
    try:
        copies.backup(services.database, file)
    except CopyError as error:
        raise CommandError(word(error.key, **error.fields)) from None
    click.echo(word("backup_done", path=file))


@click.command(help=word("restore_help"))
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Back again; what was there before is kept beside it."""
    services = build_services(settings_of_environment())
    try:
        kept = copies.restore(services.database, file, services.clock.now_ms())
    except CopyError as error:
        raise CommandError(word(error.key, **error.fields)) from None
    bring_up(services.database)
    click.echo(word("restore_done", path=file, kept=kept))
