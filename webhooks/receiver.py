"""What Zalo calls: verify the bytes, store the event, acknowledge. Nothing else.

The answers (contract 1.1, 1.2): 200 stored or nothing to do; 401 wrong signature; 413 over 1 MB; 503 not stored, come
again. A request without a signature is Zalo's own probe when the address is saved: 200, counted, nothing done.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response

from bot.clock import Clock
from bot.encryption import Vault
from bot.journal.inbox import EchoRow, InboxRow
from bot.journal.writer import InboxWriter, NotStored
from bot.store.accounts import Account
from bot.store.broadcast_results import ReceiptNote
from bot.zalo import signature
from bot.zalo.effects import Effect, effect_of
from bot.zalo.event_types import Echo, Event, Receipt, Unknown
from bot.zalo.events import oa_candidates, parse
from webhooks.accounts import KnownAccounts
from webhooks.metrics import WebhookMetrics

logger = logging.getLogger(__name__)

MAXIMUM_BYTES = 1_000_000
SIGNATURE_KEY = "HTTP_X_ZEVENT_SIGNATURE"
"""The header X-ZEvent-Signature as WSGI names it."""
NOTHING_LEFT_TO_DO = frozenset({Effect.ECHO, Effect.RECEIPT, Effect.OA_NOTICE, Effect.IGNORE})
"""These are remembered by their key (and echoes by their digest) and need no worker."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Everything the webhook needs."""

    accounts: KnownAccounts
    writer: InboxWriter
    vault: Vault
    clock: Clock
    app_id: str
    metrics: WebhookMetrics

    def receive(self, header: str, announced: int, read: Callable[[], bytes]) -> tuple[str, int]:
        """Handle one POST: its signature header, the length it announces (0: none) and a reader of its body, which
        is called only where there is something to verify. Returns the body and the status of the answer.
        """
        if announced > MAXIMUM_BYTES:
            return self._answer("too_large", 413)
        if not header.strip():
            return self._answer("unsigned", 200)
        raw = read()
        if len(raw) > MAXIMUM_BYTES:
            return self._answer("too_large", 413)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            return self._answer("unreadable", 401)  # nobody's signature can be checked without the body's fields
        if not isinstance(body, dict):
            return self._answer("unreadable", 401)
        account = self._verified(raw, header, body)
        if account is None:
            return self._answer("bad_signature", 401)
        event = parse(body, {account.oa_id})
        row = self._row(raw, body, event, account)
        try:
            self.writer.store(row)
        except NotStored:
            return self._answer("not_stored", 503)
        self._log(event, row)
        return self._answer("stored", 200)

    def _answer(self, outcome: str, status: int) -> tuple[str, int]:
        self.metrics.count(outcome)
        return outcome, status

    def _verified(self, raw: bytes, header: str, body: dict[str, object]) -> Account | None:
        """The OA whose secret signed these bytes; the store is asked again before saying no."""
        candidates = oa_candidates(body)
        account = self.accounts.find(candidates)
        if account is not None and self._fits(raw, header, body, account):
            return account
        if not self.accounts.reload():
            return None
        account = self.accounts.find(candidates)
        return account if account is not None and self._fits(raw, header, body, account) else None

    def _fits(self, raw: bytes, header: str, body: dict[str, object], account: Account) -> bool:
        app_id, timestamp = signature.signed_parts(body)
        if signature.verify(raw, header, app_id or self.app_id, timestamp, account.secrets):
            return True
        # Some say the OA's id takes the app's place [B]; it needs the same secret, so it is accepted and told of.
        if signature.verify(raw, header, account.oa_id, timestamp, account.secrets):
            logger.warning("signed with the OA id in place of the app id", extra={"oa_id": account.oa_id})
            return True
        return False

    def _row(self, raw: bytes, body: dict[str, object], event: Event, account: Account) -> InboxRow:
        identity = event.identity
        now_ms = self.clock.now_ms()
        effect = effect_of(event)
        settled = effect in NOTHING_LEFT_TO_DO
        # Events without a message id (a button of a form, "seen" with its list) are the same when their bytes are.
        msg_id = (identity.msg_id or "sha256:" + hashlib.sha256(raw).hexdigest())[:120]
        echo = None
        if effect is Effect.ECHO and isinstance(event, Echo) and identity.msg_id:
            echo = EchoRow(
                msg_id, identity.user_id[:60], self.vault.digest(event.text), identity.timestamp_ms or now_ms
            )
        receipt = None
        if isinstance(event, Receipt):
            receipt = ReceiptNote(account.oa_id, event.kind, event.msg_ids, identity.timestamp_ms or now_ms)
        return InboxRow(
            oa_id=account.oa_id,
            event=identity.event[:60],
            msg_id=msg_id,
            sender=identity.sender[:60],
            user_id=(identity.user_id or identity.sender)[:60],
            trace_id=os.urandom(8).hex(),
            body_sealed=None if settled else self.vault.encrypt(_as_text(raw, body), "inbox.body"),
            event_ms=identity.timestamp_ms,
            received_ms=now_ms,
            echo=echo,
            receipt=receipt,
        )

    @staticmethod
    def _log(event: Event, row: InboxRow) -> None:
        if isinstance(event, Unknown):
            logger.warning("unknown event", extra={"event": row.event, "oa_id": row.oa_id, "trace_id": row.trace_id})
        elif row.body_sealed is not None:
            logger.info("event stored", extra={"event": row.event, "oa_id": row.oa_id, "trace_id": row.trace_id})


def _as_text(raw: bytes, body: dict[str, object]) -> str:
    """The body as it came; written anew where JSON tolerates what UTF-8 does not (half a surrogate pair, UTF-16)."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return json.dumps(body)


def make_blueprint() -> Blueprint:
    """A look at the address; what is posted to it never comes this far (:mod:`webhooks.front`)."""
    blueprint = Blueprint("zalo", __name__)

    @blueprint.get("/webhooks/zalo")
    def look() -> Response:
        return Response("ok", mimetype="text/plain")

    return blueprint
