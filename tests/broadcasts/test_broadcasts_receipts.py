"""What phones report of an announcement is kept where the webhook stores it: no worker ever sees a receipt."""

from __future__ import annotations

from broadcast_making import add_residents, approved, look, move_on, send_everything
from rig import OUR_OA, Rig

from bot.store import broadcast_results
from bot.store.broadcast_results import ReceiptNote


def _receipt(rig: Rig, kind: str, *msg_ids: str) -> None:
    note = ReceiptNote(OUR_OA, kind, msg_ids, rig.clock.now_ms())
    rig.receive(rig.event(event=f"user_{kind}_message", body_sealed=None, receipt=note))


def test_delivered_and_seen_are_counted_once_for_each_person(rig: Rig) -> None:
    rig.connect_oa()
    add_residents(rig, 3)
    broadcast_id = approved(rig)
    move_on(rig)
    sends = send_everything(rig)
    assert len(sends) == 3
    ids = [f"m{send.id}" for send in sends]
    for message in ids:
        _receipt(rig, "received", message)
    _receipt(rig, "seen", ids[0], ids[1])
    _receipt(rig, "seen", ids[0])
    _receipt(rig, "seen", "of-an-answer-and-no-announcement")
    with rig.database.read() as connection:
        found = broadcast_results.results(connection, look(rig, broadcast_id))
    assert (found.sent, found.delivered, found.seen) == (3, 3, 2)
