"""Acts as messages file them, for tests of what is done with them."""

from __future__ import annotations

from itertools import count

from rig import OUR_OA, RESIDENT, Rig

from bot.casework import acts
from bot.conversation.acts import Act
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.replies import Reply

TU = Person(OUR_OA, RESIDENT)
NAM = Person(OUR_OA, "6612044810037729001")
COMMUNE = "ha-dong"
_messages = count(1)


def filed(rig: Rig, act: Act, person: Person = TU, key: str = "") -> FiledAct:
    """An act of a new message, or of the one whose ``key`` is given."""
    return FiledAct(key or f"in:{next(_messages)}:0", person, COMMUNE, "trace", rig.clock.now_ms(), act)


def do(rig: Rig, *wanted: FiledAct, times: int = 2) -> None:
    """Apply acts, each twice unless said otherwise: nothing may come of the second time."""
    for _ in range(times):
        with rig.database.write() as connection:
            acts.apply(connection, rig.vault, wanted)


def told(rig: Rig, person: Person) -> list[str]:
    """What is owed to a person, oldest first; what was cancelled is not."""
    return [
        _text(rig.vault, row.payload_sealed)
        for row in rig.rows("outbox")
        if row.user_id == person.user_id and row.payload_sealed is not None and row.state == 0
    ]


def _text(vault: Vault, sealed: bytes) -> str:
    return Reply.from_json(vault.decrypt(sealed, "outbox.payload")).text
