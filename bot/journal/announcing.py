"""What results mean for announcements: their progress, and the next step of an article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.broadcasts import reasons
from bot.encryption import Vault
from bot.journal import calls
from bot.journal import outbox as queue
from bot.journal.states import Lane, OutboxState, Voice
from bot.store import broadcasts
from bot.store.broadcasts import Progress
from bot.zalo import articles

if TYPE_CHECKING:
    from bot.journal.sending import Finished


def count_results(
    finished: Sequence[Finished], recorded: Mapping[int, OutboxState], progress: Progress
) -> list[Finished]:
    """Count what was recorded, and say which of it belongs to announcements. ``recorded``: what became of the rows we
    still held (``bot.journal.outbox.record``); those alone count."""
    counted = []
    for one in finished:
        broadcast_id, state = one.send.broadcast_id, recorded.get(one.result.id)
        if broadcast_id is None or state is None:
            continue
        counted.append(one)
        match state:
            case OutboxState.SENT if calls.step_of(one.send.key) not in (calls.CREATE, calls.VERIFY):
                progress.of(broadcast_id).sent += 1
            case OutboxState.DEAD:
                _count_dead(progress.of(broadcast_id), one.result.error)
            case OutboxState.IN_DOUBT:
                progress.of(broadcast_id).in_doubt += 1
                progress.of(broadcast_id).reason(reasons.IN_DOUBT)
            # One that was cancelled is counted with the others who left when the announcement is done.
    return counted


def _count_dead(delta: broadcasts.Delta, error: str | None) -> None:
    slug = reasons.slug_of(error)
    delta.reason(slug)
    if slug in reasons.SKIPS:
        delta.skipped += 1
    else:
        delta.failed += 1


def count_new_doubts(progress: Progress, broadcast_ids: Sequence[int]) -> None:
    """A dead worker's sends are in doubt now."""
    for broadcast_id in broadcast_ids:
        delta = progress.of(broadcast_id)
        delta.in_doubt += 1
        delta.reason(reasons.IN_DOUBT)


def count_settled(progress: Progress, broadcast_id: int | None, state: OutboxState) -> None:
    """A doubt has become ``state``."""
    if broadcast_id is None or state in (OutboxState.IN_DOUBT, OutboxState.UNKNOWN):
        return
    delta = progress.of(broadcast_id)
    delta.in_doubt -= 1
    delta.reason(reasons.IN_DOUBT, -1)
    if state is OutboxState.SENT:
        delta.sent += 1
    elif state is OutboxState.DEAD:
        _count_dead(delta, None)


def take_next_steps(connection: Connection, vault: Vault, finished: Sequence[Finished], now_ms: int) -> None:
    """Keep what Zalo gave for a step, and owe the next one, in the transaction that records the step."""
    for one in finished:
        broadcast_id, step = one.send.broadcast_id, calls.step_of(one.send.key)
        if broadcast_id is None:
            continue
        if one.quota_is_used_up:
            broadcasts.change(connection, broadcast_id, now_ms, note=reasons.QUOTA)
        if one.result.state is not OutboxState.SENT or not step:
            continue
        if step == calls.CREATE:
            sealed = vault.encrypt(one.answer, "broadcast.article_token")
            broadcasts.change(connection, broadcast_id, now_ms, article_token_sealed=sealed)
            _owe(connection, vault, one, verify_call(one.answer), now_ms)
        elif step == calls.VERIFY:
            broadcasts.change(connection, broadcast_id, now_ms, article_id=one.answer[:120])
            target = broadcasts.target_of(connection, broadcast_id)
            _owe(connection, vault, one, broadcast_call(one.answer, target), now_ms)
        else:
            broadcasts.change(connection, broadcast_id, now_ms, zalo_msg_id=one.answer[:120] or None)


def verify_call(token: str) -> calls.Call:
    """Ask whether the article is made; -214 until it is."""
    return calls.Call(calls.VERIFY, articles.VERIFY_PATH, articles.verify_body(token), ("id", "article_id"))


def broadcast_call(article_id: str, target: dict[str, str]) -> calls.Call:
    """Send the article to followers."""
    body = articles.broadcast_body([article_id], target)
    return calls.Call(calls.BROADCAST, articles.BROADCAST_PATH, body, ("message_id",), not_at_night=True)


def _owe(connection: Connection, vault: Vault, after: Finished, call: calls.Call, now_ms: int) -> None:
    assert after.send.broadcast_id is not None
    owe_call(connection, vault, after.send.broadcast_id, after.send.oa_id, "", call, now_ms)


def owe_call(
    connection: Connection, vault: Vault, broadcast_id: int, oa_id: str, target: str, call: calls.Call, now_ms: int
) -> None:
    """Put a call into the outbox, once. ``target`` tells calls of one step apart (a group's id)."""
    sealed = vault.encrypt(call.to_json(), "outbox.payload")
    queue.enqueue(
        connection,
        [
            queue.NewSend(
                key=calls.call_key(broadcast_id, call.step, target),
                oa_id=oa_id,
                user_id=target,
                trace_id=f"bc{broadcast_id}",
                payload_sealed=sealed,
                text_digest="",
                plain_digest="",
                not_before_ms=None,
                lane=Lane.BROADCAST,
                broadcast_id=broadcast_id,
                voice=Voice.NOTICE,
            )
        ],
        now_ms,
    )
