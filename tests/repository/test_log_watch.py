"""The watch over the run's logs sees what it must: a watch that cannot bark guards nothing."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from log_watch import NAMES, ROOMS, LogWatch

LEAKS = {
    "phone": ["0912345678", "0912 345 678", "+84912345678", "02253123456"],
    "identity number": ["001085012345", "031090001234"],
    "name": list(NAMES[:2]),
}


@pytest.mark.parametrize(("kind", "leak"), [(kind, leak) for kind, leaks in LEAKS.items() for leak in leaks])
@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_a_leak_is_seen_in_words_arguments_and_allowed_fields(kind: str, leak: str, level: str) -> None:
    logger = logging.getLogger("watched.room")
    for number, leaks in enumerate(
        (
            lambda: getattr(logger, level)(f"event of {leak}"),
            lambda: getattr(logger, level)("event of %s", leak),
            lambda: getattr(logger, level)("event handled", extra={"reason": leak}),
        )
    ):
        watch = LogWatch(rooms=("watched",))
        with watch.watching():
            leaks()
        assert any(found.startswith(kind) for found in watch.found), number
        assert leak not in "".join(watch.found)


def test_what_the_formatter_keeps_back_and_harmless_numbers_are_no_leak() -> None:
    watch = LogWatch(rooms=("watched",))
    logger = logging.getLogger("watched.room")
    with watch.watching():
        logger.info("event handled", extra={"text": "0912345678", "trace_id": "0a12345678901234567890123456789f"})
        logger.info(
            "send finished", extra={"ms": 912345678, "oa_id": "2719364058812047735", "outbox_id": 10_912_345_678}
        )
        try:
            raise KeyError("0912345678")
        except KeyError:
            logger.exception("event not handled", extra={"error": "KeyError"})
    assert (watch.found, watch.seen) == ([], 3)


def test_other_peoples_loggers_are_theirs() -> None:
    watch = LogWatch(rooms=("watched",))
    with watch.watching():
        logging.getLogger("somebody.else").warning("0912345678")
    assert (watch.found, watch.seen) == ([], 0)


def test_files_of_other_processes_are_read_but_not_the_emulated_zalos_lines(tmp_path: Path) -> None:
    lines = [
        json.dumps({"logger": "bot.journal.worker", "message": "event handled", "reason": "0912345678"}),
        json.dumps({"logger": "emulator.server", "message": "0912345678"}),
        "Traceback: 001085012345",
    ]
    log = tmp_path / "serve.txt"  # not named as the logs of the run are
    log.write_text("\n".join(lines), "utf-8")
    watch = LogWatch()
    watch.look_into([log])
    assert watch.found == [
        "phone in a log line of serve.txt, line 1",
        "identity number in a log line of serve.txt, line 3",
    ]


def test_the_runs_own_watch_is_on() -> None:
    assert logging.Logger.info.__qualname__.startswith("LogWatch.watching")
    assert set(ROOMS) == {"bot", "webhooks", "console", "commands", "knowledge", "intents"}
