"""What is done to one announcement: handed in, approved or sent back, paused, resumed, cancelled, sent again, tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.broadcasts import acts
from bot.broadcasts.acts import ActError
from bot.permissions import NotAllowed
from bot.store.broadcasts import Broadcast
from console.access import me, needs
from console.broadcasts_view import seen_one
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice

Act = Callable[[Any, ConsoleDesk, Broadcast, int], None]


def _submit(connection: Any, _desk: ConsoleDesk, one: Broadcast, now: int) -> None:
    acts.submit(connection, me(), one.id, now)


def _approve(connection: Any, desk: ConsoleDesk, one: Broadcast, now: int) -> None:
    acts.approve(connection, desk.vault, me(), one.id, now)


def _send_back(connection: Any, _desk: ConsoleDesk, one: Broadcast, now: int) -> None:
    acts.send_back(connection, me(), one.id, now)


def _pause(connection: Any, _desk: ConsoleDesk, one: Broadcast, now: int) -> None:
    acts.pause(connection, me(), one.id, now)


def _resume(connection: Any, _desk: ConsoleDesk, one: Broadcast, now: int) -> None:
    acts.resume(connection, me(), one.id, now)


def _cancel(connection: Any, _desk: ConsoleDesk, one: Broadcast, now: int) -> None:
    acts.cancel(connection, me(), one.id, now)


def _test(connection: Any, desk: ConsoleDesk, one: Broadcast, now: int) -> None:
    user_id = request.form.get("user_id", "").strip()[:60]
    acts.test_send(connection, desk.vault, me(), one.id, user_id, now)


ACTS: tuple[tuple[str, str, Act], ...] = (
    ("submit", "broadcast.write", _submit),
    ("approve", "broadcast.approve", _approve),
    ("send_back", "broadcast.approve", _send_back),
    ("pause", "broadcast.control", _pause),
    ("resume", "broadcast.control", _resume),
    ("cancel", "broadcast.control", _cancel),
    ("test", "broadcast.write", _test),
)
"""Name of the address and of the words, who may, what it does."""


def _view(name: str, required: str, act: Act) -> Callable[[int], ResponseReturnValue]:
    def view(broadcast_id: int) -> ResponseReturnValue:
        desk = the_desk()
        try:
            with desk.database.write() as connection:
                one = seen_one(connection, broadcast_id, required)
                _refuse_another_revision(one)
                act(connection, desk, one, desk.clock.now_ms())
                desk.database.announce(connection)
        except (ActError, NotAllowed) as error:
            notice(str(error), tone="bad")
        else:
            notice(word(f"bc_done_{name}"))
        return redirect(url_for("broadcasts.page", broadcast_id=broadcast_id))

    view.__name__ = name
    return needs(required)(view)


def _refuse_another_revision(one: Broadcast) -> None:
    """What somebody approves is what they read: a form tells which revision its page showed."""
    shown = request.form.get("revision")
    if shown is not None and shown != str(one.revision):
        raise ActError(word("bc_changed_meanwhile"))


@needs("broadcast.control")
def retry(broadcast_id: int) -> ResponseReturnValue:
    """Send again to those alone where something went wrong."""
    desk = the_desk()
    with desk.database.read() as connection:
        seen_one(connection, broadcast_id, "broadcast.control")
    try:
        count = acts.retry(desk.database, me(), broadcast_id, desk.clock.now_ms())
    except (ActError, NotAllowed) as error:
        notice(str(error), tone="bad")
    else:
        notice(word("bc_done_retry", count=count))
    return redirect(url_for("broadcasts.page", broadcast_id=broadcast_id))


def add_routes(blueprint: Blueprint) -> None:
    """An address for each act, each with the right it needs."""
    for name, required, act in ACTS:
        blueprint.post(f"/broadcasts/<int:broadcast_id>/{name}", endpoint=name)(_view(name, required, act))
    blueprint.post("/broadcasts/<int:broadcast_id>/retry")(retry)
