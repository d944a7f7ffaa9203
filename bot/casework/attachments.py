"""Photos and files of a case: noted when it is filed, fetched and checked by a worker in the background, kept sealed.

A thing is a row from the moment its case is stored, so a crash loses none; a worker holds it for a lease and writes
the bytes in small transactions of its own, so no answer waits for a photo. The sender hears once, about all things of
one message together, and only where something was not kept.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.casework.attachments_checking import TAKEN, Kept, Refused, examine
from bot.casework.volunteers_notices import tell
from bot.catalogue import Catalogue
from bot.conversation.acts import SentThing
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.services import Services
from bot.store import attachments
from bot.store.attachments import NewAttachment, PendingAttachment
from bot.zalo.downloads import Downloader, DownloadFailure

logger = logging.getLogger(__name__)

WORDS = Catalogue(Path(__file__).parent / "attachments.yaml")
FETCHED_KINDS = frozenset({"image", "gif", "video", "file", "audio"})
"""The rest (a place, a sticker, a link, a card) has nothing to be fetched."""
MOST_THINGS = 10
"""Of one act; a phone's whole album would be no report any more."""
MOST_BYTES = 20_000_000
LEASE_MS = 180_000
MOST_TRIES = 6
FIRST_WAIT_MS = 30_000
AT_ONCE = 2
"""Fetches under way in one worker, of the 64 threads it sends with."""
IN_A_ROW = 4


def keep(connection: Connection, vault: Vault, filed: FiledAct, case_code: str, things: Sequence[SentThing]) -> None:
    """Note the things of an act under its case, to be fetched. Applying the act again notes nothing more."""
    fetched = [thing for thing in things if thing.kind in FETCHED_KINDS]
    attachments.add(
        connection,
        vault,
        [
            NewAttachment(
                act_key=filed.key,
                number=number,
                oa_id=filed.person.oa_id,
                commune_id=filed.commune_id,
                user_id=filed.person.user_id,
                case_code=case_code,
                kind=thing.kind,
                url=thing.url,
                refused="too_many" if number >= MOST_THINGS else "",
            )
            for number, thing in enumerate(fetched)
        ],
        filed.at_ms,
    )


def reason_for_staff(reason: str) -> str:
    """Why a thing was not kept, in an official's words."""
    return WORDS.word(f"staff_{reason}")


def wait_ms(tries: int) -> int:
    """How long to wait after a fetch that failed: half a minute, then four times as long each time."""
    return FIRST_WAIT_MS << 2 * (tries - 1)


class AttachmentKeeper:
    """A chore of the worker (:data:`bot.journal.worker.Chore`): takes what is due, and fetches it on the pool."""

    def __init__(self, services: Services, downloader: Downloader | None = None) -> None:
        self._services = services
        self._downloader = downloader or Downloader(services.settings.cdn_hosts, max_bytes=MOST_BYTES)
        self._owner = os.urandom(6).hex()
        self._lock = threading.Lock()
        self._under_way = 0

    def __call__(self, connection: Connection) -> Callable[[], object] | None:
        """Claim what is due, in the worker's own transaction; None where nothing is, or enough is under way."""
        with self._lock:
            if self._under_way >= AT_ONCE:
                return None
        now = self._services.clock.now_ms()
        rows = attachments.claim(connection, self._services.vault, self._owner, now, LEASE_MS, IN_A_ROW)
        if not rows:
            return None
        with self._lock:
            self._under_way += 1
        return partial(self.fetch_all, rows)

    def fetch_all(self, rows: Sequence[PendingAttachment]) -> None:
        """Fetch one after the other. Never raises: what goes wrong is tried again when the lease is over."""
        try:
            for one in rows:
                try:
                    self._fetch(one)
                except Exception as error:
                    logger.exception("attachment not handled", extra={"kind": one.kind, "error": type(error).__name__})
        finally:
            with self._lock:
                self._under_way -= 1

    def _fetch(self, one: PendingAttachment) -> None:
        if one.tries > MOST_TRIES:
            # Whoever held it died over it, time and again: the next one shall not.
            self._refuse(one, "broken")
            return
        found = self._downloader.fetch(one.url, TAKEN)
        if isinstance(found, DownloadFailure):
            if found.retryable and one.tries < MOST_TRIES:
                self._try_again(one)
            else:
                self._refuse(one, found.kind)
            return
        try:
            kept = examine(found.content)
        except Refused as refused:
            self._refuse(one, refused.reason)
            return
        self._store(one, kept)

    def _store(self, one: PendingAttachment, kept: Kept) -> None:
        database, vault = self._services.database, self._services.vault
        pieces = range(0, len(kept.content), attachments.PART_BYTES)
        for part, start in enumerate(pieces):
            piece = kept.content[start : start + attachments.PART_BYTES]
            with database.write() as connection:
                if not attachments.put_part(connection, vault, one, self._owner, part, piece):
                    return
        with database.write() as connection:
            attachments.lock_act(connection, one.act_key)
            attachments.finish(
                connection,
                one,
                self._owner,
                digest=vault.digest_bytes(kept.content),
                mime=kept.mime,
                size=len(kept.content),
                width=kept.width,
                height=kept.height,
                parts=len(pieces),
                now_ms=self._services.clock.now_ms(),
            )
            self._tell_once(connection, one)
        logger.info("attachment stored", extra={"kind": kept.mime, "attempt": one.tries})

    def _try_again(self, one: PendingAttachment) -> None:
        due = self._services.clock.now_ms() + wait_ms(one.tries)
        with self._services.database.write() as connection:
            attachments.try_again(connection, one, self._owner, due, "unreachable")

    def _refuse(self, one: PendingAttachment, reason: str) -> None:
        with self._services.database.write() as connection:
            attachments.lock_act(connection, one.act_key)
            if attachments.refuse(connection, one, self._owner, reason):
                self._tell_once(connection, one)
        logger.info("attachment refused", extra={"reason": reason, "kind": one.kind, "attempt": one.tries})

    def _tell_once(self, connection: Connection, one: PendingAttachment) -> None:
        """Tell the sender what was not kept, when the last thing of the act is done with."""
        outcome = attachments.outcome_of(connection, one.act_key)
        if outcome.open or not outcome.reasons:
            return
        reasons = dict.fromkeys(WORDS.word(f"keep_{reason}") for reason in outcome.reasons)
        text = WORDS.word("not_kept", code=one.case_code, count=len(outcome.reasons), reasons="; ".join(reasons))
        tell(
            connection,
            self._services.vault,
            Person(one.oa_id, one.user_id),
            text,
            key=f"attachments:{one.act_key}",
            trace_id=secrets.token_hex(16),
            now_ms=self._services.clock.now_ms(),
        )
        self._services.database.announce(connection)
