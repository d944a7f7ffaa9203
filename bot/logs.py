"""JSON log lines, one object a line, with the message's id from webhook to reply and never a resident's words.

Only the fields named in :data:`ALLOWED_FIELDS` leave the process: a field added by mistake is dropped, and its name
is logged instead, so that no text, name, phone or token can slip out through ``extra=``.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

ALLOWED_FIELDS = frozenset(
    {
        "trace_id", "event", "oa_id", "commune", "inbox_id", "outbox_id", "state", "action", "code", "reason",
        "attempt", "count", "ms", "decision", "topic", "facet", "owner", "process", "status", "queue", "job",
        "kind", "error", "pid", "window",
    }
)  # fmt: skip

_ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Renders a record as one JSON object."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for key, value in record.__dict__.items():
            if key in _STANDARD:
                continue
            if key in ALLOWED_FIELDS:
                line[key] = value
            else:
                line.setdefault("dropped_fields", []).append(key)  # type: ignore[attr-defined]
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            # The traceback's lines are code, but an exception's own text may quote a resident: it stays out.
            line["traceback"] = [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-6:]
            ]
        return _ENCODE(line)


def configure_logging(process: str) -> None:
    """Send all logs of this process to standard error as JSON lines. Called once, by the commands.

    The switches are those of "Optimization" in Python's logging guide: none of what they gather is ever written, and
    the webhook writes a line for each event.
    """
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # no search through the stack for the caller's line
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings quote addresses with query strings
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
