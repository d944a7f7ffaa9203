"""Log lines: only named fields leave, an exception's own words never do, and no field's name makes logging raise."""

from __future__ import annotations

import ast
import json
import logging
import sys
from pathlib import Path

from bot.logs import ALLOWED_FIELDS, JsonFormatter

ROOT = Path(__file__).parent.parent.parent
RESERVED = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def _fields_in_code() -> set[tuple[str, str]]:
    found = set()
    for room in ("bot", "webhooks", "commands"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict):
                    keys = (key.value for key in node.value.keys if isinstance(key, ast.Constant))
                    found |= {(path.name, str(key)) for key in keys}
    return found


def test_every_field_the_code_logs_is_allowed_and_none_is_reserved() -> None:
    fields = _fields_in_code()
    assert len(fields) > 20
    assert {field for field in fields if field[1] in RESERVED} == set(), "logging raises KeyError for these"
    assert {field for field in fields if field[1] not in ALLOWED_FIELDS} == set(), "these would be dropped"


def test_what_is_not_named_does_not_leave() -> None:
    record = logging.makeLogRecord({"msg": "event stored", "trace_id": "t1", "text": "Bác Ba 0912345678"})
    line = json.loads(JsonFormatter("web").format(record))
    assert (line["trace_id"], line["dropped_fields"]) == ("t1", ["text"])
    assert "0912345678" not in json.dumps(line)


def test_an_exception_is_named_and_not_quoted() -> None:
    try:
        raise KeyError("Bác Ba 0912345678")
    except KeyError:
        record = logging.makeLogRecord({"msg": "event not handled", "exc_info": sys.exc_info()})
    line = json.loads(JsonFormatter("worker").format(record))
    assert line["exception"] == "KeyError"
    assert "0912345678" not in json.dumps(line)
