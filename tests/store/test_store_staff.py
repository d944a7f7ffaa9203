"""Accounts, sessions, slowing and the log, on both databases."""

from __future__ import annotations

import pytest
from rig import Rig

from bot.store import audit, sign_in_throttle, staff_sessions
from bot.store import staff as accounts
from bot.store.staff import AddressTaken, NewStaff, Staff


def _add(rig: Rig, email: str = "A@X.example", commune: str | None = "ha-dong") -> Staff:
    with rig.database.write() as connection:
        return accounts.add(connection, NewStaff(commune, email, "", "van-phong", "hash"), rig.clock.now_ms())


def test_an_address_is_one_account_however_it_is_written(rig: Rig) -> None:
    made = _add(rig)
    assert (made.email, made.name) == ("a@x.example", "a@x.example")
    with pytest.raises(AddressTaken):
        _add(rig, " a@x.EXAMPLE ")
    city = _add(rig, "city@x.example", None)
    with rig.database.read() as connection:
        assert accounts.find(connection, "A@x.example ") == made
        assert accounts.get(connection, made.id) == made
        assert accounts.find(connection, "b@x.example") is None
        assert accounts.credentials(connection, "b@x.example") is None
        assert [each.id for each in accounts.list_staff(connection, None)] == [city.id]
        assert [each.id for each in accounts.list_staff(connection, "ha-dong")] == [made.id]
        assert len(accounts.list_staff(connection, None, everybody=True)) == 2


def test_codes_serve_once(rig: Rig) -> None:
    made = _add(rig)
    with rig.database.write() as connection:
        accounts.set_second_factor(connection, made.id, b"sealed", ["one", "two"])
        assert accounts.take_totp_step(connection, made.id, 100)
        assert not accounts.take_totp_step(connection, made.id, 100)
        assert not accounts.take_totp_step(connection, made.id, 99)
        assert accounts.take_totp_step(connection, made.id, 101)
        assert accounts.take_recovery_code(connection, made.id, "two")
        assert not accounts.take_recovery_code(connection, made.id, "two")
        known = accounts.credentials(connection, made.email)
        assert known is not None
        assert known.recovery_digests == ("one",)
        accounts.set_second_factor(connection, made.id, None, ["left over"])
        known = accounts.credentials(connection, made.email)
        assert known is not None
        assert (known.totp_sealed, known.totp_step, known.recovery_digests) == (None, 0, ())


def test_a_session_lives_turns_and_ends(rig: Rig) -> None:
    made, now = _add(rig), rig.clock.now_ms()
    with rig.database.write() as connection:
        for digest in ("one", "two"):
            staff_sessions.begin(connection, digest, made.id, "ha-dong", now, is_whole=True)
        assert staff_sessions.rotate(connection, "one", "new", now + 5)
        assert not staff_sessions.rotate(connection, "one", "newer", now + 5)
        found = staff_sessions.find(connection, "new", previous_until_ms=now)
        assert found is not None
        assert not found.by_previous_token
        before = staff_sessions.find(connection, "one", previous_until_ms=now)
        assert before is not None
        assert before.by_previous_token
        assert staff_sessions.find(connection, "one", previous_until_ms=now + 5) is None
        staff_sessions.end_all(connection, made.id, but="new")
        assert staff_sessions.find(connection, "two", previous_until_ms=0) is None
        accounts.disable(connection, made.id, now)
        assert staff_sessions.find(connection, "new", previous_until_ms=0) is None


def test_waits_double_and_are_forgiven(rig: Rig) -> None:
    now = rig.clock.now_ms()
    waits = []
    with rig.database.write() as connection:
        for _ in range(20):
            sign_in_throttle.note_failure(connection, "scope", "ha-dong", 3, now)
            waits.append(max(sign_in_throttle.waits_until(connection, ["scope", "other"]) - now, 0))
        assert waits[:6] == [0, 0, 0, 2_000, 4_000, 8_000]
        assert waits[-1] == sign_in_throttle.LONGEST_WAIT_MS, "never for good"
        later = now + sign_in_throttle.FORGIVEN_AFTER_MS + 1
        sign_in_throttle.note_failure(connection, "scope", "ha-dong", 3, later)
        assert sign_in_throttle.waits_until(connection, ["scope"]) <= later
        sign_in_throttle.forgive(connection, ["scope"])
        assert sign_in_throttle.waits_until(connection, ["scope"]) == 0
        sign_in_throttle.note_failure(connection, "scope", None, 0, now)
        sign_in_throttle.take_back(connection, "scope")
        assert sign_in_throttle.waits_until(connection, ["scope"]) == 0
        sign_in_throttle.forget_old(connection, now + 1)
    assert rig.rows("sign_in_throttle") == []


def test_the_log_masks_what_slips_in(rig: Rig) -> None:
    made = _add(rig)
    with rig.database.write() as connection:
        for number in range(3):
            after = {"said": "gọi 0912345678 nhé", "count": number, "list": ["001099012345"], "long": "x" * 900}
            audit.record(connection, made, "case.move", "ha-dong", f"case:{number}", None, after, 1000 + number)
        audit.record(connection, None, "case.escalate", "ha-dong", "case:9", {"step": 1}, {}, 2000)
        audit.record(connection, made, "case.move", "dai-son", "case:8", None, None, 2000)
        entries = audit.list_entries(connection, "ha-dong")
        assert [entry.subject for entry in entries] == ["case:9", "case:2", "case:1", "case:0"]
        assert [entry.actor for entry in entries[:2]] == [audit.SYSTEM, made.email]
        assert [e.subject for e in audit.list_entries(connection, "ha-dong", before_id=entries[1].id)] == [
            "case:1", "case:0",
        ]  # fmt: skip
        assert [e.subject for e in audit.list_entries(connection, "ha-dong", since_ms=1001, until_ms=1002)] == [
            "case:1"
        ]
        assert audit.list_entries(connection, "ha-dong", actor="nobody") == []
        assert audit.list_entries(connection, None) == []
    kept = repr(rig.rows("audit"))
    assert "0912345678" not in kept
    assert "001099012345" not in kept
    assert "x" * 400 not in kept
