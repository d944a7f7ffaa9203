"""Residents, officials and announcements for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rig import HOUR_MS, OUR_OA, Rig
from sqlalchemy import insert

from bot.broadcasts import acts
from bot.broadcasts.running import Announcer
from bot.broadcasts.spec import read_spec
from bot.journal import sending
from bot.journal.outbox import ClaimedSend, SendResult
from bot.journal.sending import Finished
from bot.journal.states import OutboxState
from bot.store import broadcasts, tables
from bot.store.broadcasts import Broadcast, Progress
from bot.store.staff import Staff

COMMUNE = "ha-dong"
AUTHOR = Staff(1, COMMUNE, "viet@ha-dong.vn", "Người viết", "truyen-thong")
CHAIR = Staff(2, COMMUNE, "duyet@ha-dong.vn", "Người duyệt", "chu-tich")
OWNER = "0000000a"


def user(number: int) -> str:
    """An id as Zalo's are: digits alone."""
    return f"5{number:018d}"


def add_residents(rig: Rig, count: int, *, first: int = 0, hours_ago: float = 1, **values: Any) -> list[str]:
    """So many who interacted ``hours_ago``."""
    now = rig.clock.now_ms()
    ids = [user(number) for number in range(first, first + count)]
    with rig.database.write() as connection:
        connection.execute(
            insert(tables.resident),
            [
                {
                    "oa_id": OUR_OA,
                    "user_id": one,
                    "first_seen_ms": now - 1_000,
                    "last_interaction_ms": now - int(hours_ago * HOUR_MS),
                    "updated_ms": now,
                    **values,
                }
                for one in ids
            ],
        )
    return ids


def spec_of(rig: Rig, **changes: object) -> Any:
    """A checked spec."""
    document: Mapping[str, object] = {
        "title": "Lịch tiêm chủng",
        "text": "Sáng thứ Bảy 28/11, trạm y tế tiêm cho trẻ dưới 5 tuổi.",
        "kind": "message",
        "segment": {"all": True},
        "send_at": None,
        **changes,
    }
    return read_spec(document, rig.clock.now_ms())


def submitted(rig: Rig, **changes: object) -> int:
    """An announcement handed in."""
    with rig.database.write() as connection:
        return acts.create(connection, AUTHOR, COMMUNE, spec_of(rig, **changes), rig.clock.now_ms(), draft=False)


def approved(rig: Rig, **changes: object) -> int:
    """One that waits for its hour."""
    broadcast_id = submitted(rig, **changes)
    with rig.database.write() as connection:
        acts.approve(connection, rig.vault, CHAIR, broadcast_id, rig.clock.now_ms())
    return broadcast_id


def look(rig: Rig, broadcast_id: int) -> Broadcast:
    """As it stands."""
    with rig.database.read() as connection:
        one = broadcasts.get(connection, broadcast_id)
        assert one is not None
        return one


def reasons_of(rig: Rig, broadcast_id: int) -> dict[str, int]:
    """Its reasons."""
    with rig.database.read() as connection:
        return broadcasts.reasons(connection, broadcast_id)


def move_on(rig: Rig, announcer: Announcer | None = None, **environment: str) -> None:
    """All steps that may be made now."""
    one = announcer or Announcer(rig.services(**{"HOIXA_QUIET_HOURS": "off", **environment}))
    while one.step():
        pass


def finish(rig: Rig, sends: list[ClaimedSend], state: OutboxState = OutboxState.SENT, error: str | None = None) -> None:
    """Record these results as a worker does."""
    now = rig.clock.now_ms()
    finished = [
        Finished(
            send,
            SendResult(
                send.id,
                state,
                due_ms=now,
                zalo_msg_id=f"m{send.id}" if state is OutboxState.SENT else None,
                sent_ms=now if state is OutboxState.SENT else None,
                error=error,
            ),
            answer=f"m{send.id}",
        )
        for send in sends
    ]
    progress = Progress()
    with rig.database.write() as connection:
        sending.record(connection, OWNER, finished, now, rig.vault, progress)
        progress.write(connection)


def send_everything(rig: Rig) -> list[ClaimedSend]:
    """Claim and send until nothing is ready. The clock passes a tenth of a second each time."""
    everything: list[ClaimedSend] = []
    while sends := rig.claim_sends(OWNER, 200):
        finish(rig, sends)
        everything += sends
    return everything
