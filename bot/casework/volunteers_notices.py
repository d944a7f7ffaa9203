"""Messages to residents about what goes on without them: put into the outbox in the transaction of the act."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from bot.catalogue import Catalogue
from bot.encryption import Vault
from bot.journal import outbox
from bot.journal.outbox import NewSend
from bot.people import Person
from bot.replies import Reply
from bot.zalo.messages import render_plain
from bot.zalo.splitting import split

VOICES = Catalogue(Path(__file__).parent / "voices.yaml")


def tell(
    connection: Connection, vault: Vault, person: Person, text: str, *, key: str, trace_id: str, now_ms: int
) -> None:
    """Owe a person a text; the same ``key`` owes it once. A text too long for one message goes in several.

    Whether Zalo's window still allows it is seen when it is sent.
    """
    if not person.user_id:
        return
    outbox.enqueue(
        connection,
        [
            NewSend(
                key=f"{key}:{number}",
                oa_id=person.oa_id,
                user_id=person.user_id,
                trace_id=trace_id,
                payload_sealed=vault.encrypt(piece.to_json(), "outbox.payload"),
                text_digest=vault.digest(piece.text),
                plain_digest=vault.digest(render_plain(piece)),
                not_before_ms=now_ms,
            )
            for number, piece in enumerate(split(Reply(text)))
        ],
        now_ms,
    )
