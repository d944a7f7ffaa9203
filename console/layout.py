"""What every template may use: the menu, the words, moments as people write them, addresses of files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, request, url_for

from bot import permissions
from bot.clock import VIETNAM, from_ms
from console import access, security, static_files
from console.desk import WORDS, the_desk, word
from console.rooms import NAVIGATION

DAY_MS = 86_400_000


def dress(application: Flask) -> None:
    """Hand templates their filters and names."""
    application.jinja_env.trim_blocks = application.jinja_env.lstrip_blocks = True
    application.jinja_env.filters |= {"moment": moment, "day": day, "clock": clock_time, "ago": ago}
    application.jinja_env.globals |= {
        "word": word,
        "word_known": lambda key: key in WORDS.texts,
        "can": access.can,
        "can_at_all": access.can_at_all,
        "role_name": permissions.role_name,
        "act_name": permissions.act_name,
        "asset": static_files.address,
        "csrf_token": security.csrf_token,
        "with_query": with_query,
    }
    application.context_processor(_common)


def _common() -> dict[str, Any]:
    staff = g.get("staff")
    desk = the_desk()
    return {
        "staff": staff,
        "nonce": g.get("nonce", ""),
        "commune_name": desk.commune_name(staff.commune_id) if staff is not None else "",
        "menu": menu() if staff is not None else [],
        "now_ms": desk.clock.now_ms(),
    }


def menu() -> list[dict[str, Any]]:
    """The pages this official may open, in order."""
    here = (request.endpoint or "").split(".")[0]
    return [
        {
            "url": url_for(way.endpoint),
            "text": word(way.words),
            "group": way.group,
            "current": way.endpoint.split(".")[0] == here,
        }
        for way in NAVIGATION
        if way.endpoint in current_app.view_functions and (not way.act or access.can_at_all(way.act))
    ]


def with_query(**changes: object) -> str:
    """This page's address with some of its filters changed; None or "" takes one away. Filters live in the URL."""
    arguments: dict[str, Any] = dict(request.args.items(multi=False)) | dict(request.view_args or {}) | changes
    kept = {name: value for name, value in arguments.items() if value not in (None, "")}
    return url_for(request.endpoint or "home.mine", **kept)


def _local(value: int | datetime) -> datetime:
    moment_of = from_ms(value) if isinstance(value, int) else value
    return moment_of.astimezone(VIETNAM)


def moment(value: int | datetime | None) -> str:
    """ "14:05 22/11/2026"; "" for None."""
    return "" if value is None else _local(value).strftime("%H:%M %d/%m/%Y")


def day(value: int | datetime | None) -> str:
    """ "22/11/2026"; "" for None."""
    return "" if value is None else _local(value).strftime("%d/%m/%Y")


def clock_time(value: int | datetime | None) -> str:
    """ "14:05"; "" for None."""
    return "" if value is None else _local(value).strftime("%H:%M")


def ago(value: int | None) -> str:
    """How long since, in one rough word or two; "" for None."""
    if value is None:
        return ""
    passed = max(the_desk().clock.now_ms() - value, 0)
    steps: Mapping[str, int] = {"days": DAY_MS, "hours": 3_600_000, "minutes": 60_000}
    for name, length in steps.items():
        if passed >= length:
            return word(f"ago_{name}", count=passed // length)
    return word("ago_now")
