"""Accounts of officials: who they are, what lets them in, whether they still may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from bot.store.staff_tables import staff, staff_session


class AddressTaken(ValueError):
    """An account with this address exists already."""


@dataclass(frozen=True, slots=True)
class Staff:
    """An official. ``commune_id`` None: the city. ``unit`` is a role of ``knowledge.communes.UnitRole`` or "";
    ``village`` an id of the commune's profile or ""."""

    id: int
    commune_id: str | None
    email: str
    name: str
    role: str
    unit: str = ""
    village: str = ""
    disabled: bool = False
    has_second_factor: bool = False
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An account to be made. ``password_hash`` is argon2's encoded form."""

    commune_id: str | None
    email: str
    name: str
    role: str
    password_hash: str
    unit: str = ""
    village: str = ""
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against. ``totp_step`` is the last step a code was taken for."""

    staff: Staff
    password_hash: str
    totp_sealed: bytes | None
    totp_step: int
    recovery_digests: tuple[str, ...]


def address_of(email: str) -> str:
    """One spelling of an address: capitals and blanks around do not make another person."""
    return email.strip().casefold()


def _staff_of(row: RowMapping) -> Staff:
    return Staff(
        row["id"],
        row["commune_id"],
        row["email"],
        row["name"],
        row["role"],
        row["unit"],
        row["village"],
        row["disabled_ms"] is not None,
        row["totp_sealed"] is not None,
        bool(row["must_change_password"]),
    )


def add(connection: Connection, new: NewStaff, now_ms: int) -> Staff:
    """Make an account. Raises :class:`AddressTaken`."""
    email = address_of(new.email)
    if connection.execute(select(staff.c.id).where(staff.c.email == email)).first() is not None:
        raise AddressTaken(email)
    row = connection.execute(
        insert(staff)
        .values(
            commune_id=new.commune_id,
            email=email,
            name=new.name.strip() or email,
            role=new.role,
            unit=new.unit,
            village=new.village,
            password_hash=new.password_hash,
            must_change_password=new.must_change_password,
            created_ms=now_ms,
            password_ms=now_ms,
        )
        .returning(staff)
    )
    return _staff_of(row.mappings().one())


def find(connection: Connection, email: str) -> Staff | None:
    """The account of an address, also a disabled one; None where there is none."""
    row = connection.execute(select(staff).where(staff.c.email == address_of(email))).mappings().first()
    return None if row is None else _staff_of(row)


def get(connection: Connection, staff_id: int) -> Staff | None:
    """The account of an id, also a disabled one."""
    row = connection.execute(select(staff).where(staff.c.id == staff_id)).mappings().first()
    return None if row is None else _staff_of(row)


def list_staff(connection: Connection, commune_id: str | None, *, everybody: bool = False) -> Sequence[Staff]:
    """The accounts of a commune (None: of the city), or of the whole install; those still in use first, by address."""
    statement = select(staff).order_by(staff.c.disabled_ms.is_not(None), staff.c.email)
    if not everybody:
        statement = statement.where(staff.c.commune_id.is_not_distinct_from(commune_id))
    return [_staff_of(row) for row in connection.execute(statement).mappings()]


def credentials(connection: Connection, email: str) -> Credentials | None:
    """What a sign-in under this address is checked against."""
    row = connection.execute(select(staff).where(staff.c.email == address_of(email))).mappings().first()
    if row is None:
        return None
    return Credentials(
        _staff_of(row),
        row["password_hash"],
        row["totp_sealed"],
        row["totp_step"],
        tuple(row["recovery_digests"].split()),
    )


def _set(connection: Connection, staff_id: int, **values: Any) -> None:
    connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))


def set_post(connection: Connection, staff_id: int, *, name: str, role: str, unit: str, village: str) -> None:
    """Another post for the same person."""
    _set(connection, staff_id, name=name, role=role, unit=unit, village=village)


def set_password(
    connection: Connection, staff_id: int, password_hash: str, now_ms: int, *, must_change: bool = False
) -> None:
    """A new password; the caller ends the sessions begun with the old one."""
    _set(connection, staff_id, password_hash=password_hash, password_ms=now_ms, must_change_password=must_change)


def set_second_factor(
    connection: Connection, staff_id: int, totp_sealed: bytes | None, recovery_digests: Sequence[str]
) -> None:
    """Enrol a second factor, or take it away with None; the recovery codes go with it."""
    _set(
        connection,
        staff_id,
        totp_sealed=totp_sealed,
        totp_step=0,
        recovery_digests="" if totp_sealed is None else "\n".join(recovery_digests),
    )


def set_recovery_codes(connection: Connection, staff_id: int, recovery_digests: Sequence[str]) -> None:
    """New recovery codes in place of all former ones."""
    _set(connection, staff_id, recovery_digests="\n".join(recovery_digests))


def take_totp_step(connection: Connection, staff_id: int, step: int) -> bool:
    """Use up a code's time step. False where this step or a later one was used: a code seen twice is refused."""
    taken = connection.execute(
        update(staff).where(staff.c.id == staff_id, staff.c.totp_step < step).values(totp_step=step)
    )
    return bool(taken.rowcount)


def take_recovery_code(connection: Connection, staff_id: int, digest: str) -> bool:
    """Use up a recovery code. False for one nobody gave or that was used; two at once cannot both have it."""
    row = connection.execute(select(staff.c.recovery_digests).where(staff.c.id == staff_id).with_for_update()).first()
    digests = [] if row is None else row.recovery_digests.split()
    if digest not in digests:
        return False
    digests.remove(digest)
    _set(connection, staff_id, recovery_digests="\n".join(digests))
    return True


def note_signed_in(connection: Connection, staff_id: int, now_ms: int) -> None:
    """Remember when they last came in."""
    _set(connection, staff_id, signed_in_ms=now_ms)


def disable(connection: Connection, staff_id: int, now_ms: int) -> None:
    """Shut an account out at once, its open sessions too. What it did stays."""
    _set(connection, staff_id, disabled_ms=now_ms)
    connection.execute(staff_session.delete().where(staff_session.c.staff_id == staff_id))


def enable(connection: Connection, staff_id: int) -> None:
    """Let a disabled account in again."""
    _set(connection, staff_id, disabled_ms=None)
