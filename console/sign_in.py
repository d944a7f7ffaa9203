"""In and out: address and password, then the code of the authenticator app where one is enrolled."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import credentials
from bot.store import audit
from bot.store import staff as accounts
from bot.store.staff import Staff
from console import sessions, slowing
from console.access import public
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.security import safe_next


def _wait_words(seconds: int) -> str:
    if seconds < 60:
        return word("sign_in_wait_seconds", count=seconds)
    return word("sign_in_wait_minutes", count=-(-seconds // 60))


def form(status: int = 200, *, email: str = "", error: str = "") -> Response:
    """The page of address and password."""
    wanted = request.values.get("next", "")
    return make_response(render_template("sign_in.html", email=email, error=error, next=wanted), status)


def code_form(status: int = 200, *, error: str = "") -> Response:
    """The page of the second factor."""
    return make_response(
        render_template("second_factor.html", error=error, next=request.values.get("next", "")), status
    )


def came_in(staff: Staff) -> BaseResponse:
    """Begin the session and lead on."""
    desk = the_desk()
    sessions.begin(desk, staff, is_whole=True)
    with desk.database.write() as connection:
        now = desk.clock.now_ms()
        audit.record(connection, staff, "staff.sign_in", staff.commune_id, f"staff:{staff.id}", None, None, now)
    response = make_response(redirect(safe_next(request.form.get("next", ""))))
    slowing.remember_device(desk, staff.email, response)
    return response


@public("whoever is not in yet must be able to come in")
def page() -> BaseResponse:
    """Address and password."""
    if g.staff is not None:
        return redirect(safe_next(request.args.get("next", "")))
    return form()


@public("whoever is not in yet must be able to come in")
def enter() -> BaseResponse:
    """Check the password; the answer does not tell whether the account exists."""
    desk = the_desk()
    email, password = request.form.get("email", "")[:200], request.form.get("password", "")
    with desk.database.read() as connection:
        known = accounts.credentials(connection, email)
    scopes = slowing.counters(desk, email, "password")
    seconds = slowing.seconds_to_wait(desk, None if known is None else known.staff.commune_id, scopes)
    if seconds:
        return form(429, email=email, error=_wait_words(seconds))
    fits = credentials.password_fits(password, None if known is None else known.password_hash)
    if known is None or not fits or known.staff.disabled:
        return form(401, email=email, error=word("sign_in_failed"))
    slowing.forgive(desk, scopes)
    if known.totp_sealed is not None:
        sessions.begin(desk, known.staff, is_whole=False)
        return redirect(url_for("sign_in.second_factor", next=request.form.get("next") or None))
    return came_in(known.staff)


@public("between the password and the code nobody is signed in yet")
def second_factor() -> BaseResponse:
    """The code of the app."""
    return code_form() if g.half_way is not None else redirect(url_for("sign_in.page"))


@public("between the password and the code nobody is signed in yet")
def check_second_factor() -> BaseResponse:
    """Check the code."""
    desk = the_desk()
    staff: Staff | None = g.half_way
    if staff is None:
        return redirect(url_for("sign_in.page"))
    scopes = slowing.counters(desk, staff.email, "second")
    seconds = slowing.seconds_to_wait(desk, staff.commune_id, scopes)
    if seconds:
        return code_form(429, error=_wait_words(seconds))
    if not _second_factor_fits(desk, staff, request.form.get("code", "")):
        return code_form(401, error=word("second_failed"))
    slowing.forgive(desk, scopes)
    return came_in(staff)


@public("leaving is allowed to everybody; the token of the form is still checked")
def sign_out() -> BaseResponse:
    """Leave."""
    desk = the_desk()
    sessions.end(desk)
    notice(word("signed_out"))
    return redirect(url_for("sign_in.page"))


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """Pages for those who are not in yet."""
    blueprint = Blueprint("sign_in", __name__)
    blueprint.get("/sign-in")(page)
    blueprint.post("/sign-in")(enter)
    blueprint.get("/second-factor")(second_factor)
    blueprint.post("/second-factor")(check_second_factor)
    blueprint.post("/sign-out")(sign_out)
    return blueprint


def _second_factor_fits(desk: ConsoleDesk, staff: Staff, typed: str) -> bool:
    """Use up the code: of the app, or a recovery code. Each serves once."""
    with desk.database.write() as connection:
        known = accounts.credentials(connection, staff.email)
        if known is None or known.totp_sealed is None:
            return False
        step = credentials.totp_step(credentials.open_totp(desk.vault, known.totp_sealed), typed, desk.clock.now_ms())
        if step is not None:
            return accounts.take_totp_step(connection, staff.id, step)
        return accounts.take_recovery_code(connection, staff.id, credentials.recovery_digest(desk.vault, typed))
