"""An official's own page: post, password, second factor."""

from __future__ import annotations

import base64
import binascii

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot import credentials
from bot.encryption import DecryptionError
from bot.permissions import unit_of
from bot.store import audit
from bot.store import staff as accounts
from console import sessions, slowing
from console.access import any_official, me
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice

OWN = "everybody's own account"
OFFER_LIVES_MS = 15 * 60_000


def show(
    status: int = 200, *, errors: dict[str, str] | None = None, codes: list[str] | None = None
) -> ResponseReturnValue:
    """The official's page."""
    desk = the_desk()
    staff = me()
    with desk.database.read() as connection:
        known = accounts.credentials(connection, staff.email)
    return render_template(
        "profile.html",
        errors=errors or {},
        codes=codes or [],
        has_second_factor=known is not None and known.totp_sealed is not None,
        codes_left=0 if known is None else len(known.recovery_digests),
        unit_name=desk.unit_name(staff.commune_id, unit_of(staff)),
    ), status


def password_is_mine(field: str) -> str:
    """An error, or "" where the password typed is the official's own. Slowed down like a sign-in."""
    desk = the_desk()
    staff = me()
    scopes = slowing.counters(desk, staff.email, "own")
    seconds = slowing.seconds_to_wait(desk, staff.commune_id, scopes)
    if seconds:
        return word("sign_in_wait_minutes", count=-(-seconds // 60))
    with desk.database.read() as connection:
        known = accounts.credentials(connection, staff.email)
    fits = credentials.password_fits(request.form.get(field, ""), None if known is None else known.password_hash)
    if not fits:
        return word("password_wrong")
    slowing.forgive(desk, scopes)
    return ""


def note(after: dict[str, object]) -> None:
    """Write what was changed into the log."""
    desk = the_desk()
    staff = me()
    with desk.database.write() as connection:
        now = desk.clock.now_ms()
        audit.record(connection, staff, "staff.own", staff.commune_id, f"staff:{staff.id}", None, after, now)


@any_official(OWN)
def page() -> ResponseReturnValue:
    """Who I am here."""
    return show()


@any_official(OWN)
def change_password() -> ResponseReturnValue:
    """A password of my own choice."""
    desk = the_desk()
    staff, chosen = me(), request.form.get("new_password", "")
    errors = {}
    if error := password_is_mine("password"):
        errors["password"] = error
    try:
        credentials.refuse_weak(chosen, staff.email)
    except credentials.WeakPassword as weak:
        errors["new_password"] = str(weak)
    if chosen == request.form.get("password", ""):
        errors.setdefault("new_password", word("password_same"))
    if chosen != request.form.get("repeated", ""):
        errors["repeated"] = word("password_differs")
    if errors:
        return show(400, errors=errors)
    encoded = credentials.hash_password(chosen)
    with desk.database.write() as connection:
        accounts.set_password(connection, staff.id, encoded, desk.clock.now_ms())
    sessions.end_others(desk, staff)
    note({"password": "changed"})
    notice(word("password_changed"))
    return redirect(url_for("home.mine"))


@any_official(OWN)
def enrol_page() -> ResponseReturnValue:
    """A fresh secret as a QR code."""
    return offer(credentials.new_totp_secret())


def offer(secret: str, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    """The secret travels sealed in the form, bound to the account: nothing is stored before the code fits."""
    desk = the_desk()
    staff = me()
    sealed = desk.vault.encrypt(f"{desk.clock.now_ms()} {secret}", f"staff.totp_offer:{staff.id}")
    code = segno.make(credentials.totp_address(secret, staff.email), error="m")
    drawing = code.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False)
    return (
        render_template(
            "enrol.html",
            offer=base64.urlsafe_b64encode(sealed).decode(),
            drawing=Markup(drawing),  # noqa: S704 - drawn by segno from our own secret, no text of anybody in it
            secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            errors=errors or {},
        ),
        status,
    )


def offered_secret() -> str | None:
    """The secret the form brought back; None for one too old or of somebody else."""
    desk = the_desk()
    try:
        sealed = base64.urlsafe_b64decode(request.form.get("offer", ""))
        made, secret = desk.vault.decrypt(sealed, f"staff.totp_offer:{me().id}").split()
    except (binascii.Error, DecryptionError, ValueError):
        return None
    return secret if desk.clock.now_ms() - int(made) < OFFER_LIVES_MS else None


@any_official(OWN)
def enrol() -> ResponseReturnValue:
    """Turn the second factor on; the recovery codes are shown this once."""
    desk = the_desk()
    staff, secret = me(), offered_secret()
    if secret is None:
        return offer(credentials.new_totp_secret(), 400, {"code": word("second_offer_old")})
    if error := password_is_mine("password"):
        return offer(secret, 400, {"password": error})
    step = credentials.totp_step(secret, request.form.get("code", ""), desk.clock.now_ms())
    if step is None:
        return offer(secret, 400, {"code": word("second_code_wrong")})
    codes = credentials.new_recovery_codes()
    with desk.database.write() as connection:
        digests = [credentials.recovery_digest(desk.vault, code) for code in codes]
        accounts.set_second_factor(connection, staff.id, credentials.seal_totp(desk.vault, secret), digests)
        accounts.take_totp_step(connection, staff.id, step)
    sessions.end_others(desk, staff)
    note({"second_factor": True})
    return show(codes=codes)


@any_official(OWN)
def second_factor_off() -> ResponseReturnValue:
    """Turn it off, with the password."""
    desk = the_desk()
    staff = me()
    if error := password_is_mine("off_password"):
        return show(400, errors={"off_password": error})
    with desk.database.write() as connection:
        accounts.set_second_factor(connection, staff.id, None, ())
    sessions.end_others(desk, staff)
    note({"second_factor": False})
    notice(word("second_off"))
    return redirect(url_for("profile.page"))


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """Pages about oneself."""
    blueprint = Blueprint("profile", __name__)
    blueprint.get("/profile")(page)
    blueprint.post("/profile/password")(change_password)
    blueprint.get("/profile/second-factor")(enrol_page)
    blueprint.post("/profile/second-factor")(enrol)
    blueprint.post("/profile/second-factor/off")(second_factor_off)
    return blueprint
