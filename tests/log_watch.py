"""Watches every log line of a test run for phone numbers, identity numbers and the names the tests plant.

What is looked at is what would leave the process: the rendered line of ``bot.logs.JsonFormatter``, debug and info too,
whatever level a test has set; and, at the end, the files children of the run logged to.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.logs import JsonFormatter

ROOMS = ("bot", "webhooks", "console", "commands", "knowledge", "intents")
NAMES = ("Trần Văn Thử", "bà Năm", "bà Sáu", "Bác Ba", "bác Tư", "Nguyễn Văn", "Nguyễn Thị", "Trần Thị", "Phạm Văn")
"""What people are called in tests; a line of our logs never has reason to say it."""
PATTERNS = {
    "phone": re.compile(r"(?<![0-9A-Za-z_\-.])(?:\+?84|0)[ .]?\d{2,3}[ .]?\d{3}[ .]?\d{3,4}(?![0-9A-Za-z_\-])"),
    "identity number": re.compile(r"(?<![0-9A-Za-z_\-.])0\d{11}(?![0-9A-Za-z_\-])"),
    "name": re.compile("|".join(map(re.escape, NAMES))),
}
_OTHERS = re.compile(r'"logger": ?"(?:emulator|werkzeug)')
"""Lines of the emulated Zalo's own process, which is no part of the product."""


@dataclass
class LogWatch:
    """``found`` names what slipped out and where, never the words themselves."""

    rooms: tuple[str, ...] = ROOMS
    found: list[str] = field(default_factory=list)
    seen: int = 0

    def look(self, text: str, where: str) -> None:
        """Look at one line."""
        self.seen += 1
        self.found += [f"{kind} in a log line of {where}" for kind, one in PATTERNS.items() if one.search(text)]

    def look_at(self, record: logging.LogRecord) -> None:
        """Look at a record of one of our rooms, as it would be written."""
        if record.name.partition(".")[0] in self.rooms:
            self.look(JsonFormatter("tests").format(record), f"{record.name}, line {record.lineno}")

    def look_into(self, files: Iterable[Path]) -> None:
        """Look at what processes of the run wrote."""
        for file in files:
            with file.open(encoding="utf-8", errors="replace") as lines:
                for number, line in enumerate(lines, 1):
                    if not _OTHERS.search(line):
                        self.look(line, f"{file.name}, line {number}")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See every record of this process, also those no handler wants and those below the level of the moment."""
        watch = self
        handled: Callable[..., Any] = logging.Logger.callHandlers
        quiet = {level: getattr(logging.Logger, level) for level in ("debug", "info")}

        def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            watch.look_at(record)
            handled(logger, record)

        def spoken(level: str) -> Callable[..., None]:
            def speak(logger: logging.Logger, msg: object, *args: Any, **named: Any) -> None:
                number = logging.getLevelName(level.upper())
                if not logger.isEnabledFor(number):
                    extra = named.get("extra")
                    watch.look_at(logger.makeRecord(logger.name, number, "", 0, msg, args, None, None, extra))
                named["stacklevel"] = named.get("stacklevel", 1) + 1
                quiet[level](logger, msg, *args, **named)

            return speak

        with (
            patch.object(logging.Logger, "callHandlers", call_handlers),
            patch.object(logging.Logger, "debug", spoken("debug")),
            patch.object(logging.Logger, "info", spoken("info")),
        ):
            yield
