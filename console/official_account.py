"""The commune's Zalo OA: whether it really talks, how long its grant lasts, and the way to grant anew."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from bot import grants
from bot.journal.access import days_left
from bot.journal.figures import running_processes
from bot.journal.oa_health import health_of
from bot.store import accounts, audit
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word

DAYS_TO_WARN = 14


@needs("oa.read")
def page() -> ResponseReturnValue:
    """Every OA of the commune."""
    return _show()


def _show(status: int = 200, *, grant_url: str = "", errors: dict[str, str] | None = None) -> ResponseReturnValue:
    desk, commune_id = the_desk(), my_commune()
    now = desk.clock.now_ms()
    with desk.database.read() as connection:
        rows = [
            _row(connection, desk, account, now)
            for account in accounts.list_accounts(connection, desk.vault, now)
            if account.commune_id == commune_id
        ]
        processes = running_processes(connection, now)
    settings = desk.services.settings
    missing = [name for name, value in (
        ("HOIXA_PUBLIC_URL", settings.public_url),
        ("HOIXA_ZALO_APP_ID", settings.zalo_app_id),
        ("HOIXA_ZALO_APP_SECRET", settings.zalo_app_secret),
    ) if not value]  # fmt: skip
    shown = render_template(
        "official_account.html",
        rows=rows,
        processes=processes,
        missing=missing,
        grant_url=grant_url,
        errors=errors or {},
    )
    return make_response(shown, status)


def _row(connection: Any, desk: ConsoleDesk, account: accounts.Account, now: int) -> dict[str, Any]:
    tokens = accounts.read_tokens(connection, desk.vault, account.oa_id)
    days = 0 if tokens is None else int(days_left(tokens, now))
    state = "good"
    if tokens is None or tokens.needs_grant:
        state = "needs_grant"
    elif account.paused_until_ms > now:
        state = "paused"
    elif account.plain_text:
        state = "plain"
    return {
        "oa_id": account.oa_id,
        "days": days,
        "is_short": days < DAYS_TO_WARN,
        "state": state,
        "text": word(f"oa_{state}", reason=account.pause_reason or ""),
        "health": health_of(connection, account.oa_id),
    }


@needs("oa.manage")
def connect() -> ResponseReturnValue:
    """Begin OAuth with PKCE: show the address an admin of the OA opens within ten minutes."""
    desk, commune_id = the_desk(), my_commune()
    secret = request.form.get("secret", "").strip()[:200]
    settings = desk.services.settings
    if not secret:
        return _show(400, errors={"secret": word("oa_secret_missing")})
    if not (settings.public_url and settings.zalo_app_id and settings.zalo_app_secret):
        return _show(400)
    grant_url = grants.begin_grant(
        desk.database,
        desk.vault,
        desk.clock,
        desk.services.zalo,
        commune_id=commune_id,
        secret=secret,
        redirect=f"{settings.public_url}/oauth/zalo/callback",
    )
    with desk.database.write() as connection:
        audit.record(connection, me(), "oa.manage", commune_id, "oa", None, {"grant": "begun"}, desk.clock.now_ms())
    return _show(grant_url=grant_url)


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """Look and connect."""
    blueprint = Blueprint("official_account", __name__)
    blueprint.get("/oa")(page)
    blueprint.post("/oa")(connect)
    return blueprint
