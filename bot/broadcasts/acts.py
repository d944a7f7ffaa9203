"""What officials do with announcements: write, hand in, approve, pause, cancel, send again. Each audited.

Four eyes: whoever wrote one never approves it. Content and recipients are frozen at approval; a change afterwards
takes the approval away.
"""

from __future__ import annotations

import os
from dataclasses import replace

from sqlalchemy import Connection

from bot import permissions
from bot.broadcasts.segments import Segment
from bot.broadcasts.spec import Details, Spec, group_reply, reply_of
from bot.broadcasts.words import word
from bot.encryption import Vault
from bot.journal import outbox
from bot.journal.announcing import owe_call
from bot.journal.calls import BROADCAST, CREATE, GROUP, VERIFY, Call, call_key
from bot.journal.outbox import NewSend
from bot.journal.states import Voice
from bot.replies import Reply
from bot.store import audit, broadcast_recipients, broadcast_slices, broadcasts, residents
from bot.store import staff as accounts
from bot.store.broadcasts import (
    CANCELLED,
    DONE,
    DRAFT,
    PAUSED,
    RUNNING,
    SCHEDULED,
    SUBMITTED,
    Broadcast,
)
from bot.store.database import Database
from bot.store.staff import Staff
from bot.zalo import articles
from bot.zalo.messages import SAFE_TEXT_LIMIT, render_plain
from bot.zalo.windows import Window, window

FREEZE_SLICE = 1_000
RETRY_SLICE = 1_000
NOBODY_YET = {
    "approved_by": None,
    "approved_ms": None,
    "frozen_ms": None,
    "freeze_after": "",
    "total": 0,
    "payload_sealed": None,
}
"""Columns of an announcement without approval."""


class ActError(Exception):
    """It cannot be done. ``str(error)`` is one sentence of plain Vietnamese."""


def find(connection: Connection, broadcast_id: int, *, lock: bool = False) -> Broadcast:
    """The announcement. Raises :class:`ActError` where there is none."""
    one = broadcasts.get(connection, broadcast_id, lock=lock)
    if one is None:
        raise ActError(word("act_no_broadcast", id=broadcast_id))
    return one


def spec_of(one: Broadcast) -> Spec:
    """What it was made of."""
    return Spec(
        one.title,
        one.text,
        one.kind,  # type: ignore[arg-type]  # written from a Spec
        Segment.from_json(one.segment),
        one.send_at_ms,
        one.late_policy,
        Details.from_json(one.details),
    )


def _content(spec: Spec) -> dict[str, object]:
    return {
        "kind": spec.kind,
        "title": spec.title,
        "text": spec.text,
        "segment": spec.segment.to_json(),
        "details": spec.details.to_json(),
        "send_at_ms": spec.send_at_ms,
        "late_policy": spec.late_policy,
    }


def _audit(connection: Connection, staff: Staff | None, act: str, one: Broadcast, after: object, now_ms: int) -> None:
    values = after if isinstance(after, dict) else {"state": after}
    audit.record(connection, staff, act, one.commune_id, f"broadcast:{one.id}", {"state": one.state}, values, now_ms)


def create(connection: Connection, staff: Staff, commune_id: str, spec: Spec, now_ms: int, *, draft: bool) -> int:
    """A new announcement, handed in at once unless ``draft``. Raises :class:`ActError`, NotAllowed."""
    permissions.require(staff, "broadcast.write", commune_id)
    return add(connection, staff, commune_id, spec, now_ms, state=DRAFT if draft else SUBMITTED)


def add(
    connection: Connection,
    staff: Staff | None,
    commune_id: str,
    spec: Spec,
    now_ms: int,
    *,
    state: str,
    author: str = "",
) -> int:
    """Store an announcement of anybody's. Raises :class:`ActError` where the commune has no OA."""
    oa_id = broadcasts.oa_of(connection, commune_id)
    if oa_id is None:
        raise ActError(word("act_no_oa", commune=commune_id))
    values = {
        **_content(spec),
        "commune_id": commune_id,
        "oa_id": oa_id,
        "state": state,
        "author": author or (staff.email if staff else ""),
        "created_ms": now_ms,
        "updated_ms": now_ms,
    }
    broadcast_id = broadcasts.add(connection, values)
    assert broadcast_id is not None  # no fire_key, nothing to collide with
    audit.record(
        connection, staff, "broadcast.write", commune_id, f"broadcast:{broadcast_id}", None,
        {"title": spec.title, "kind": spec.kind, "state": state}, now_ms,
    )  # fmt: skip
    return broadcast_id


def change(connection: Connection, staff: Staff, broadcast_id: int, spec: Spec, now_ms: int) -> None:
    """Other content. An approved one not yet begun goes back to be approved again; whoever changes it is its author
    from now on. Raises :class:`ActError` once it has begun."""
    one = find(connection, broadcast_id, lock=True)
    permissions.require(staff, "broadcast.write", one.commune_id)
    if one.state not in (DRAFT, SUBMITTED, SCHEDULED) or one.started_ms is not None:
        raise _wrong_state(one)
    was_approved = one.state == SCHEDULED
    broadcasts.change(
        connection,
        one.id,
        now_ms,
        **_content(spec),
        **NOBODY_YET,
        state=DRAFT if one.state == DRAFT else SUBMITTED,
        author=staff.email,
        revision=one.revision + 1,
        note="changed" if was_approved else None,
    )
    _audit(connection, staff, "broadcast.write", one, {"title": spec.title, "was_approved": was_approved}, now_ms)


def _wrong_state(one: Broadcast) -> ActError:
    return ActError(word("act_wrong_state", state=word(f"state_{one.state}")))


def submit(connection: Connection, staff: Staff, broadcast_id: int, now_ms: int) -> None:
    """Hand a draft in."""
    one = find(connection, broadcast_id)
    permissions.require(staff, "broadcast.write", one.commune_id)
    if not broadcasts.move(connection, one.id, [DRAFT], SUBMITTED, now_ms):
        raise _wrong_state(one)
    _audit(connection, staff, "broadcast.write", one, SUBMITTED, now_ms)


def send_back(connection: Connection, staff: Staff, broadcast_id: int, now_ms: int) -> None:
    """Not as it is: a draft again."""
    one = find(connection, broadcast_id)
    permissions.require(staff, "broadcast.approve", one.commune_id)
    if not broadcasts.move(connection, one.id, [SUBMITTED], DRAFT, now_ms):
        raise _wrong_state(one)
    _audit(connection, staff, "broadcast.approve", one, DRAFT, now_ms)


def approve(connection: Connection, vault: Vault, staff: Staff, broadcast_id: int, now_ms: int) -> None:
    """Freeze the content and let the worker write the recipients down. Raises :class:`ActError` for the author."""
    one = find(connection, broadcast_id, lock=True)
    if accounts.address_of(staff.email) == accounts.address_of(one.author):
        raise ActError(word("act_author"))
    permissions.require(staff, "broadcast.approve", one.commune_id)
    if not broadcasts.move(
        connection, one.id, [SUBMITTED], SCHEDULED, now_ms, **frozen(vault, one, staff.email, now_ms)
    ):
        raise _wrong_state(one)
    _audit(connection, staff, "broadcast.approve", one, SCHEDULED, now_ms)


def frozen(vault: Vault, one: Broadcast, approved_by: str, now_ms: int) -> dict[str, object]:
    """Columns of an approval: who, when, and the message as it will leave."""
    values: dict[str, object] = {**NOBODY_YET, "approved_by": approved_by, "approved_ms": now_ms, "note": None}
    spec = spec_of(one)
    if spec.kind == "message":
        reply = reply_of(spec.title, spec.text, spec.details)
        return values | {
            "payload_sealed": vault.encrypt(reply.to_json(), "outbox.payload"),
            "text_digest": vault.digest(reply.text.strip()),
            "plain_digest": vault.digest(render_plain(reply)),
        }
    total = len(spec.segment.groups) if spec.kind == "group" else 1
    return values | {"total": total, "frozen_ms": now_ms}


def freeze(database: Database, broadcast_id: int, now_ms: int) -> None:
    """Write the recipients down here and now, slice by slice; the worker would do it too, and may at the same time."""
    more = True
    while more:
        with database.write() as connection:
            one = broadcasts.get(connection, broadcast_id, lock=True)
            waits = one is not None and one.state == SCHEDULED and one.frozen_ms is None
            more = waits and one is not None and broadcast_slices.freeze_slice(connection, one, now_ms, FREEZE_SLICE)
            database.announce(connection)


def pause(connection: Connection, staff: Staff | None, broadcast_id: int, now_ms: int) -> None:
    """Nothing of it leaves any more, from this commit on; what a worker has already taken may still."""
    one = _controlled(connection, staff, broadcast_id)
    if not broadcasts.move(connection, one.id, [RUNNING, SCHEDULED], PAUSED, now_ms):
        raise _wrong_state(one)
    _audit(connection, staff, "broadcast.control", one, PAUSED, now_ms)


def resume(connection: Connection, staff: Staff | None, broadcast_id: int, now_ms: int) -> None:
    """Go on where it was."""
    one = _controlled(connection, staff, broadcast_id)
    to_state = SCHEDULED if one.started_ms is None else RUNNING
    if not broadcasts.move(connection, one.id, [PAUSED], to_state, now_ms):
        raise _wrong_state(one)
    _audit(connection, staff, "broadcast.control", one, to_state, now_ms)


def cancel(connection: Connection, staff: Staff | None, broadcast_id: int, now_ms: int) -> None:
    """Nothing more of it leaves, ever; the worker sweeps up what waits."""
    one = _controlled(connection, staff, broadcast_id)
    # What was never approved is nobody's to sweep.
    values = {"finished_ms": now_ms} if one.state in (DRAFT, SUBMITTED) else {}
    open_states = [DRAFT, SUBMITTED, SCHEDULED, RUNNING, PAUSED]
    if not broadcasts.move(connection, one.id, open_states, CANCELLED, now_ms, **values):
        raise _wrong_state(one)
    _audit(connection, staff, "broadcast.control", one, CANCELLED, now_ms)


def _controlled(connection: Connection, staff: Staff | None, broadcast_id: int) -> Broadcast:
    one = find(connection, broadcast_id, lock=True)
    if staff is not None:  # the command line without --by is whoever runs the install
        permissions.require(staff, "broadcast.control", one.commune_id)
    return one


def retry(database: Database, staff: Staff | None, broadcast_id: int, now_ms: int) -> int:
    """Send again to those alone where something went wrong, or quota was wanting. Returns how many.

    Raises :class:`ActError` where there is nobody, or it is not running or done.
    """
    with database.write() as connection:
        one = _controlled(connection, staff, broadcast_id)
        if one.state not in (RUNNING, PAUSED, DONE):
            raise _wrong_state(one)
        _audit(connection, staff, "broadcast.control", one, {"retry": True}, now_ms)
    after: str | None = ""
    total = 0
    while after is not None:
        with database.write() as connection:
            held = find(connection, broadcast_id, lock=True)
            if held.kind == "message":
                after, count = broadcast_recipients.retry_slice(connection, held, after, now_ms, RETRY_SLICE)
            else:
                after, count = None, broadcast_recipients.retry_keys(connection, held, _call_keys(held), now_ms)
            total += count
            if count and held.state == DONE:
                broadcasts.change(connection, held.id, now_ms, state=RUNNING, finished_ms=None, note=None)
            elif count:
                broadcasts.change(connection, held.id, now_ms, note=None)
            database.announce(connection)
    if not total:
        raise ActError(word("act_nothing_failed"))
    return total


def _call_keys(one: Broadcast) -> list[str]:
    if one.kind == "group":
        return [call_key(one.id, GROUP, group_id) for group_id in spec_of(one).segment.groups]
    return [call_key(one.id, step) for step in (CREATE, VERIFY, BROADCAST)]


def test_send(connection: Connection, vault: Vault, staff: Staff, broadcast_id: int, user_id: str, now_ms: int) -> None:
    """One message to one person who has agreed to look at it, as everybody would get it. Counts for nothing."""
    one = find(connection, broadcast_id)
    permissions.require(staff, "broadcast.write", one.commune_id)
    spec = spec_of(one)
    standing = residents.last_interaction(connection, one.oa_id, user_id)
    if standing is None:
        raise ActError(word("act_test_unknown"))
    if window(standing or None, now_ms) is Window.CLOSED:
        raise ActError(word("act_test_closed"))
    if spec.kind == "message":
        reply = reply_of(spec.title, spec.text, spec.details)
    else:
        whole = group_reply(spec.title, spec.text).text
        reply = Reply(whole if len(whole) <= SAFE_TEXT_LIMIT else f"{whole[: SAFE_TEXT_LIMIT - 1]}…")
    send = NewSend(
        key=f"test:{one.id}:{os.urandom(6).hex()}",
        oa_id=one.oa_id,
        user_id=user_id,
        trace_id=f"bc{one.id}",
        payload_sealed=vault.encrypt(reply.to_json(), "outbox.payload"),
        text_digest=vault.digest(reply.text.strip()),
        plain_digest=vault.digest(render_plain(reply)),
        not_before_ms=None,
        voice=Voice.NOTICE,
    )
    outbox.enqueue(connection, [send], now_ms)
    _audit(connection, staff, "broadcast.write", one, {"test": True}, now_ms)


def owe_calls(connection: Connection, vault: Vault, one: Broadcast, now_ms: int) -> None:
    """The first calls of an article or of group posts; each key is there once however often this is done."""
    spec = spec_of(one)
    if spec.kind == "group":
        text = group_reply(spec.title, spec.text).text
        for group_id in spec.segment.groups:
            call = Call(GROUP, articles.GROUP_PATH, articles.group_body(group_id, text), ("message_id",))
            owe_call(connection, vault, one.id, one.oa_id, group_id, call, now_ms)
        return
    details = spec.details
    description = details.description or _summary(spec.text)
    author = details.author or word("article_author_unknown")  # Zalo wants one
    body = articles.article_body(spec.title, spec.text, author, description, details.cover_url)
    call = Call(CREATE, articles.CREATE_PATH, body, ("token",))
    owe_call(connection, vault, one.id, one.oa_id, "", call, now_ms)


def _summary(text: str) -> str:
    line = " ".join(text.split())
    limit = articles.ARTICLE_DESCRIPTION_LIMIT
    return line if len(line) <= limit else f"{line[: limit - 1].rsplit(' ', 1)[0]}…"


def with_author(spec: Spec, commune_name: str) -> Spec:
    """An article without an author is the commune's."""
    if spec.kind != "article" or spec.details.author:
        return spec
    author = word("article_author", name=commune_name)[: articles.ARTICLE_AUTHOR_LIMIT]
    return replace(spec, details=replace(spec.details, author=author))
