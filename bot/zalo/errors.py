"""What Zalo's error codes mean and what to do about them (contract 6); the data is ``errors.tsv`` beside this file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

ACTIONS = frozenset({"retry", "refresh_token", "degrade", "stop_user", "stop_oa", "bug"})
SCOPES = frozenset({"call", "user", "message_type", "oa", "app"})
SURFACES = frozenset({"oa", "zbs", "oauth", "social"})


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One code on one surface.

    ``action``: retry (later), refresh_token (once, then once more), degrade (again as plain text, and remember it for
    the OA), stop_user, stop_oa, bug (never again as it is). ``scope`` says how far it reaches: call, user,
    message_type, oa or app.
    """

    code: int
    name: str
    action: str
    scope: str
    meaning: str


UNKNOWN_CODE_MEANING = "Code not in the contract"


def rule(surface: str, code: int, message: str = "") -> ErrorRule:
    """The rule for an error reply. The same number differs by surface; the text matters for ``-32``, ``-201`` and
    ``-223`` only.

    A code nobody has described is ``bug``/``call``: Zalo did refuse, so trying again unchanged would only be refused
    again, while stopping the whole OA or the resident on a code we do not understand would silence people who can be
    served. The operator is told.
    """
    for special_surface, special_code, words, changes in _BY_TEXT:
        if (surface, code) == (special_surface, special_code) and any(word in message.casefold() for word in words):
            return replace(_table()[surface, code], **changes)  # type: ignore[arg-type]  # text fields only
    known = _table().get((surface, code))
    return known or ErrorRule(code, f"{surface}.UNKNOWN_{code}", "bug", "call", UNKNOWN_CODE_MEANING)


def all_rules() -> Mapping[tuple[str, int], ErrorRule]:
    """Every row of the table by (surface, code)."""
    return _table()


_BY_TEXT: tuple[tuple[str, int, tuple[str, ...], dict[str, str]], ...] = (
    ("oa", -32, ("your oa",), {"name": "oa.RATE_LIMIT_OA", "scope": "oa"}),
    # Any other text: slow the whole app down, which also slows this OA.
    ("oa", -32, ("",), {"name": "oa.RATE_LIMIT_APP", "scope": "app"}),
    ("oa", -201, ("user_id",), {"name": "oa.USER_ID_INVALID", "action": "stop_user", "scope": "user"}),
    ("oa", -223, ("quota",), {"name": "oa.ARTICLE_QUOTA"}),
    ("oa", -223, ("",), {"name": "oa.NOT_AUTHORIZED"}),
)
"""(surface, code, words any of which is in the text, what differs from the table): first fit wins, "" fits every
text."""


@cache
def _table() -> Mapping[tuple[str, int], ErrorRule]:
    text = files("bot.zalo").joinpath("errors.tsv").read_text("utf-8")
    rules: dict[tuple[str, int], ErrorRule] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        surface = row["name"].partition(".")[0]
        code = int(row["code"])
        rules[surface, code] = ErrorRule(code, row["name"], row["action"], row["scope"], row["meaning"])
    return MappingProxyType(rules)
