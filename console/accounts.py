"""Accounts of the commune's officials: who has one, adding, changing the post, locking, a new password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import credentials, permissions
from bot.cases.routing import village_id, village_name
from bot.store import audit, staff_sessions
from bot.store import staff as accounts
from bot.store.staff import NewStaff, Staff
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.report_rows import choices, unit_label

ROLES = tuple(role for role in permissions.ROLES if role != permissions.CITY_ROLE)
"""The city's accounts belong to no commune; whoever runs the install makes them."""
FIELDS = ("email", "name", "role", "unit", "village")


@needs("staff.read")
def listing() -> ResponseReturnValue:
    """Everybody of the commune."""
    return _page({}, {})


def _page(
    given: dict[str, str], errors: dict[str, str], *, status: int = 200, fresh: tuple[str, str] | None = None
) -> ResponseReturnValue:
    desk, commune_id = the_desk(), my_commune()
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, commune_id)
        everybody = accounts.list_staff(connection, commune_id)
    rows = [
        {
            "staff": each,
            "role": permissions.role_name(each.role),
            "unit": unit_label(permissions.unit_of(each), commune),
            "village": village_name(each.village, commune) if each.village else "",
        }
        for each in everybody
    ]
    offered = choices(commune)
    page = render_template(
        "accounts.html",
        rows=rows,
        given=given,
        errors=errors,
        fresh=fresh,
        roles=[(role, permissions.role_name(role)) for role in ROLES],
        choices=offered,
    )
    return make_response(page, status)


def _given() -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, and what is wrong with it."""
    given = {name: request.form.get(name, "").strip()[:200] for name in FIELDS}
    errors = {}
    name, at, domain = accounts.address_of(given["email"]).partition("@")
    if not (name and at and domain) or " " in given["email"]:
        errors["email"] = word("account_bad_email")
    if given["role"] not in ROLES:
        errors["role"] = word("account_bad_role")
    if given["role"] == permissions.VILLAGE_ROLE and not given["village"]:
        errors["village"] = word("account_needs_village")
    return given, errors


@needs("staff.manage")
def add() -> ResponseReturnValue:
    """Make an account; its first password is shown this once."""
    desk, commune_id = the_desk(), my_commune()
    given, errors = _given()
    if errors:
        return _page(given, errors, status=400)
    password = credentials.new_password()
    new = NewStaff(
        commune_id, given["email"], given["name"][:120], given["role"], credentials.hash_password(password),
        given["unit"][:40], village_id(given["village"])[:80], must_change_password=True,
    )  # fmt: skip
    try:
        with desk.database.write() as connection:
            made = accounts.add(connection, new, desk.clock.now_ms())
            _note(connection, desk, made, None, {**given, "email": made.email})
    except accounts.AddressTaken:
        return _page(given, {"email": word("account_taken")}, status=400)
    return _page({}, {}, fresh=(made.email, password))


def _note(
    connection: Any, desk: ConsoleDesk, staff: Staff, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    audit.record(
        connection, me(), "staff.manage", staff.commune_id, f"staff:{staff.id}", before, after, desk.clock.now_ms()
    )


def _other(connection: Any, staff_id: int) -> Staff:
    """A colleague of the same commune; 404 for anybody else, and for oneself."""
    staff = accounts.get(connection, staff_id)
    if staff is None or staff.commune_id != my_commune() or staff.id == me().id:
        abort(404)
    return staff


@needs("staff.manage")
def change_post(staff_id: int) -> ResponseReturnValue:
    """Another post for the same person."""
    desk = the_desk()
    with desk.database.write() as connection:
        staff = _other(connection, staff_id)
        role, unit, village = (request.form.get(name, "").strip()[:80] for name in ("role", "unit", "village"))
        if role not in ROLES:
            abort(400)
        village = village_id(village)
        name = request.form.get("name", "").strip()[:120] or staff.name
        before = {"role": staff.role, "unit": staff.unit, "village": staff.village, "name": staff.name}
        accounts.set_post(connection, staff.id, name=name, role=role, unit=unit[:40], village=village)
        # What the account may see changes at once; a session begun under the former post does not go on.
        staff_sessions.end_all(connection, staff.id)
        _note(connection, desk, staff, before, {"role": role, "unit": unit, "village": village, "name": name})
    notice(word("account_changed", email=staff.email))
    return redirect(url_for("accounts.listing"))


@needs("staff.manage")
def lock(staff_id: int) -> ResponseReturnValue:
    """Shut an account out, or let it in again."""
    desk, wanted = the_desk(), request.form.get("locked") == "1"
    with desk.database.write() as connection:
        staff = _other(connection, staff_id)
        if wanted:
            accounts.disable(connection, staff.id, desk.clock.now_ms())
        else:
            accounts.enable(connection, staff.id)
        _note(connection, desk, staff, {"disabled": staff.disabled}, {"disabled": wanted})
    notice(
        word("account_locked" if wanted else "account_unlocked", email=staff.email),
        undo_url=url_for("accounts.lock", staff_id=staff_id),
        undo_fields={"locked": "0" if wanted else "1"},
    )
    return redirect(url_for("accounts.listing"))


@needs("staff.manage")
def reset(staff_id: int) -> ResponseReturnValue:
    """A new first password, shown this once; the second factor goes too where asked (a lost phone)."""
    desk, password = the_desk(), credentials.new_password()
    encoded = credentials.hash_password(password)
    without_second = request.form.get("second_off") == "1"
    with desk.database.write() as connection:
        staff = _other(connection, staff_id)
        accounts.set_password(connection, staff.id, encoded, desk.clock.now_ms(), must_change=True)
        if without_second:
            accounts.set_second_factor(connection, staff.id, None, ())
        staff_sessions.end_all(connection, staff.id)
        _note(connection, desk, staff, None, {"password": "reset", "second_factor_off": without_second})
    return _page({}, {}, fresh=(staff.email, password))


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list and what is done to one account."""
    blueprint = Blueprint("accounts", __name__)
    blueprint.get("/accounts")(listing)
    blueprint.post("/accounts")(add)
    blueprint.post("/accounts/<int:staff_id>/post")(change_post)
    blueprint.post("/accounts/<int:staff_id>/lock")(lock)
    blueprint.post("/accounts/<int:staff_id>/reset")(reset)
    return blueprint
