"""Official accounts and their token pairs, as stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.store.tables import oa, oa_token, oauth_attempt

PREVIOUS_SECRET_MS = 24 * 3600 * 1000
"""How long an OA's former secret key is still accepted after it was replaced; redeliveries end well before."""


@dataclass(frozen=True, slots=True)
class Account:
    """One OA. ``secrets`` holds the current secret key first, then the former one while it is accepted."""

    oa_id: str
    commune_id: str
    secrets: tuple[str, ...]
    plain_text: bool
    paused_until_ms: int
    pause_reason: str | None


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """A token pair and what is known of it."""

    oa_id: str
    access_token: str
    refresh_token: str
    version: int
    issued_ms: int
    expires_ms: int
    refreshed_ms: int
    refresh_issued_ms: int
    needs_grant: bool
    last_error: str | None
    retry_ms: int
    lease_owner: str | None
    lease_until_ms: int


def _upsert(connection: Connection):  # type: ignore[no-untyped-def]
    return postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert


def list_accounts(connection: Connection, vault: Vault, now_ms: int) -> list[Account]:
    """All OAs of the install."""
    accounts = []
    for row in connection.execute(select(oa).order_by(oa.c.added_ms, oa.c.oa_id)).mappings():
        secrets = [vault.decrypt(row["secret_sealed"], "oa.secret")]
        if row["previous_secret_sealed"] is not None and (row["previous_secret_until_ms"] or 0) > now_ms:
            secrets.append(vault.decrypt(row["previous_secret_sealed"], "oa.secret"))
        accounts.append(
            Account(
                row["oa_id"],
                row["commune_id"],
                tuple(secrets),
                row["plain_text_since_ms"] is not None,
                row["paused_until_ms"],
                row["pause_reason"],
            )
        )
    return accounts


_COMMUNES = select(oa.c.oa_id, oa.c.commune_id).where(oa.c.oa_id.in_(bindparam("oa_ids", expanding=True)))


def communes_of(connection: Connection, oa_ids: Collection[str]) -> dict[str, str]:
    """Which commune each of these OAs belongs to; OAs we do not have are left out."""
    rows = connection.execute(_COMMUNES, {"oa_ids": sorted(oa_ids)})
    return {row.oa_id: row.commune_id for row in rows}


def save_account(connection: Connection, vault: Vault, oa_id: str, commune_id: str, secret: str, now_ms: int) -> None:
    """Connect an OA, or connect it anew: a changed secret key keeps the former one valid for a day."""
    row = connection.execute(select(oa.c.secret_sealed).where(oa.c.oa_id == oa_id)).first()
    sealed = vault.encrypt(secret, "oa.secret")
    if row is None:
        connection.execute(
            _upsert(connection)(oa).values(oa_id=oa_id, commune_id=commune_id, secret_sealed=sealed, added_ms=now_ms)
        )
        return
    values: dict[str, object] = {"commune_id": commune_id, "paused_until_ms": 0, "pause_reason": None}
    if vault.decrypt(row.secret_sealed, "oa.secret") != secret:
        values |= {
            "secret_sealed": sealed,
            "previous_secret_sealed": row.secret_sealed,
            "previous_secret_until_ms": now_ms + PREVIOUS_SECRET_MS,
        }
    connection.execute(update(oa).where(oa.c.oa_id == oa_id).values(values))


def pause(connection: Connection, oa_id: str, until_ms: int, reason: str) -> None:
    """Nothing is sent for this OA before ``until_ms``; what waits keeps waiting. A longer pause stays."""
    connection.execute(
        update(oa)
        .where(oa.c.oa_id == oa_id, oa.c.paused_until_ms < until_ms)
        .values(paused_until_ms=until_ms, pause_reason=reason[:60])
    )


def remember_plain_text(connection: Connection, oa_id: str, now_ms: int) -> None:
    """The OA's package refuses buttons (-224): from now on plain text with numbered choices."""
    connection.execute(
        update(oa).where(oa.c.oa_id == oa_id, oa.c.plain_text_since_ms.is_(None)).values(plain_text_since_ms=now_ms)
    )


def forget_plain_text(connection: Connection, oa_id: str) -> None:
    """Try buttons again (the package was changed)."""
    connection.execute(update(oa).where(oa.c.oa_id == oa_id).values(plain_text_since_ms=None))


def read_tokens(connection: Connection, vault: Vault, oa_id: str) -> StoredTokens | None:
    """The token pair of an OA, decrypted; None where it has none."""
    row = connection.execute(select(oa_token).where(oa_token.c.oa_id == oa_id)).mappings().first()
    if row is None:
        return None
    return StoredTokens(
        oa_id,
        vault.decrypt(row["access_sealed"], "oa_token.access"),
        vault.decrypt(row["refresh_sealed"], "oa_token.refresh"),
        row["version"],
        row["issued_ms"],
        row["expires_ms"],
        row["refreshed_ms"],
        row["refresh_issued_ms"],
        bool(row["needs_grant"]),
        row["last_error"],
        row["retry_ms"],
        row["lease_owner"],
        row["lease_until_ms"],
    )


def save_tokens(
    connection: Connection,
    vault: Vault,
    oa_id: str,
    access_token: str,
    refresh_token: str | None,
    expires_in_seconds: int,
    now_ms: int,
    *,
    refreshed: bool = False,
) -> None:
    """Store a new pair; ``refresh_token`` None keeps the one we have (one project saw such replies).

    ``refreshed`` says that we got it by a refresh of our own. Clears every mark of trouble: a new pair is a new grant.
    """
    previous = connection.execute(
        select(oa_token.c.version, oa_token.c.refresh_sealed, oa_token.c.refresh_issued_ms).where(
            oa_token.c.oa_id == oa_id
        )
    ).first()
    if refresh_token is None and previous is None:
        raise ValueError("a first pair needs a refresh token")
    if refresh_token is not None:
        refresh_sealed, refresh_issued = vault.encrypt(refresh_token, "oa_token.refresh"), now_ms
    else:
        assert previous is not None
        refresh_sealed, refresh_issued = previous.refresh_sealed, previous.refresh_issued_ms
    values = {
        "access_sealed": vault.encrypt(access_token, "oa_token.access"),
        "refresh_sealed": refresh_sealed,
        "version": 1 if previous is None else previous.version + 1,
        "issued_ms": now_ms,
        "expires_ms": now_ms + expires_in_seconds * 1000,
        "refreshed_ms": now_ms if refreshed else 0,
        "refresh_issued_ms": refresh_issued,
        "needs_grant": False,
        "last_error": None,
        "retry_ms": 0,
        "lease_owner": None,
        "lease_until_ms": 0,
    }
    statement = _upsert(connection)(oa_token).values(oa_id=oa_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["oa_id"], set_=values))


def lease_refresh(connection: Connection, oa_id: str, owner: str, until_ms: int) -> None:
    """Say that ``owner`` is refreshing this OA's pair. The caller has looked at the row in this transaction."""
    connection.execute(
        update(oa_token).where(oa_token.c.oa_id == oa_id).values(lease_owner=owner, lease_until_ms=until_ms)
    )


def lock_tokens(connection: Connection, oa_id: str) -> None:
    """Lock the row until the transaction ends, so that two refreshers look at it one after the other."""
    connection.execute(select(oa_token.c.oa_id).where(oa_token.c.oa_id == oa_id).with_for_update())


def note_refresh_failure(connection: Connection, oa_id: str, error: str, *, retry_ms: int, needs_grant: bool) -> None:
    """A refresh failed: when to try again, or that a person must grant anew."""
    connection.execute(
        update(oa_token)
        .where(oa_token.c.oa_id == oa_id)
        .values(last_error=error[:80], retry_ms=retry_ms, needs_grant=needs_grant, lease_owner=None, lease_until_ms=0)
    )


def oas_to_refresh(connection: Connection, issued_before_ms: int, now_ms: int) -> Sequence[tuple[str, int]]:
    """(oa_id, version) of the pairs old enough to be refreshed."""
    rows = connection.execute(
        select(oa_token.c.oa_id, oa_token.c.version).where(
            oa_token.c.issued_ms <= issued_before_ms,
            oa_token.c.needs_grant.is_(False),
            oa_token.c.retry_ms <= now_ms,
        )
    )
    return [(row.oa_id, row.version) for row in rows]


@dataclass(frozen=True, slots=True)
class OAuthAttempt:
    """A grant somebody began in the browser."""

    commune_id: str
    verifier: str
    secret: str
    started_ms: int


def save_oauth_attempt(connection: Connection, vault: Vault, state: str, attempt: OAuthAttempt) -> None:
    """Remember a grant under its unguessable ``state``."""
    connection.execute(
        _upsert(connection)(oauth_attempt).values(
            state=state,
            commune_id=attempt.commune_id,
            verifier_sealed=vault.encrypt(attempt.verifier, "oauth_attempt.verifier"),
            secret_sealed=vault.encrypt(attempt.secret, "oauth_attempt.secret"),
            started_ms=attempt.started_ms,
        )
    )


def take_oauth_attempt(connection: Connection, vault: Vault, state: str) -> OAuthAttempt | None:
    """The grant of this ``state``, once: it is gone afterwards."""
    statement = delete(oauth_attempt).where(oauth_attempt.c.state == state).returning(oauth_attempt)
    row = connection.execute(statement).first()
    if row is None:
        return None
    return OAuthAttempt(
        row.commune_id,
        vault.decrypt(row.verifier_sealed, "oauth_attempt.verifier"),
        vault.decrypt(row.secret_sealed, "oauth_attempt.secret"),
        row.started_ms,
    )
