"""Files for officials, made in the worker: papers in Word, lists in Excel. The web process only asks and hands out.

A page asks with :func:`request` and polls ``bot.store.export_jobs.find``; a worker takes the job in its housekeeping
and makes the file on its pool, so that neither a webhook nor an answer waits for it. Making a file twice changes
nothing but the file, so a job lost with its worker is simply made again.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.encryption import Vault
from bot.services import Services
from bot.store import export_jobs
from bot.store.database import Database
from bot.store.export_jobs import ClaimedJob
from knowledge import Library

logger = logging.getLogger(__name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """What a writer made. ``name`` is plain ASCII with its ending: it becomes a header of the answer."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ExportTools:
    """What a writer may use. It opens its own read transaction."""

    database: Database
    vault: Vault
    clock: Clock
    library: Library
    data_dir: Path


class ExportRefused(Exception):
    """This file cannot be made, and trying again would not help. ``reason`` is a slug the page has words for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Asker(Protocol):
    """The part of a staff account a job needs."""

    @property
    def id(self) -> int:
        """Of the account."""

    @property
    def commune_id(self) -> str | None:
        """None for the city's role."""


Writer = Callable[[ExportTools, ClaimedJob], ExportFile]

WRITERS: dict[str, str] = {
    "initiative-form": "bot.papers.initiative_papers:write_form",
    "council-minutes": "bot.papers.initiative_papers:write_minutes",
    "recognition-decision": "bot.papers.initiative_papers:write_decision",
    "recognition-certificate": "bot.papers.initiative_papers:write_certificate",
    "case-list": "bot.casework.case_list_file:write_list",
    "initiative-register": "bot.papers.initiative_register:write_register",
    "team-reports": "bot.casework.voices_files:write",
    "ratings": "bot.casework.voices_files:write",
}
"""Kind of file → ``module:function`` of its :data:`Writer`; imported in the worker alone, when first needed."""


def request(
    connection: Connection, vault: Vault, staff: Asker, kind: str, parameters: Mapping[str, object], now_ms: int
) -> int:
    """Ask for a file; the job's id. ``parameters`` are JSON. KeyError for a kind nobody writes.

    Whether this official may see what the file will hold is for the caller to ask: the writer makes what it is told.
    """
    if kind not in WRITERS:
        raise KeyError(kind)
    return export_jobs.add(connection, vault, staff.commune_id or export_jobs.CITY, staff.id, kind, parameters, now_ms)


def writer_of(kind: str) -> Writer:
    """The function that writes this kind. KeyError where there is none."""
    module, _, function = WRITERS[kind].partition(":")
    writer: Writer = getattr(importlib.import_module(module), function)
    return writer


def make(tools: ExportTools, job: ClaimedJob) -> str:
    """Make the file and keep it, or keep why not. Never raises. Returns the state the job came to."""
    try:
        made = writer_of(job.kind)(tools, job)
    except ExportRefused as refusal:
        error = refusal.reason
    except Exception as failure:
        # One list that cannot be written must not stop the worker; what it holds stays out of the log.
        logger.exception("export not made", extra={"job": str(job.id), "kind": job.kind})
        error = type(failure).__name__
    else:
        with tools.database.write() as connection:
            export_jobs.finish(
                connection, tools.vault, job, made.name, made.media_type, made.content, tools.clock.now_ms()
            )
        return export_jobs.DONE
    with tools.database.write() as connection:
        export_jobs.fail(connection, job, error, tools.clock.now_ms())
    return export_jobs.FAILED


class ExportRunner:
    """A worker's chore: called in its housekeeping, gives it one job at a time for its pool."""

    def __init__(self, services: Services, library: Library) -> None:
        self._tools = ExportTools(
            services.database, services.vault, services.clock, library, services.settings.data_dir
        )
        self._busy = threading.Event()

    def __call__(self, connection: Connection) -> Callable[[], object] | None:
        """Take a job in the worker's own transaction; what is to be run outside of it, or None."""
        if self._busy.is_set():
            return None
        job = export_jobs.claim(connection, self._tools.vault, self._tools.clock.now_ms())
        if job is None:
            return None
        self._busy.set()
        return partial(self._run, job)

    def _run(self, job: ClaimedJob) -> None:
        try:
            make(self._tools, job)
        except Exception as failure:
            # The database failed while the result was kept: the lease brings the job back.
            logger.exception("export not kept", extra={"job": str(job.id), "error": type(failure).__name__})
        finally:
            self._busy.clear()
