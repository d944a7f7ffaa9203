"""``hoixa oa …``: connect official accounts and see how they stand."""

from __future__ import annotations

import json

import click

from bot import grants
from bot.journal.access import days_left
from bot.services import Services
from bot.store import accounts
from commands.environment import commune_of, load_library, open_services
from commands.failure import CommandError
from commands.words import word


@click.group(help=word("oa_help"))
def oa() -> None:
    """Collect the commands below."""


@oa.command("add", help=word("oa_add_help"))
@click.option("--commune", required=True, help=word("option_commune"))
@click.option("--oa-id", required=True, help=word("option_oa_id"))
@click.option("--oa-secret", required=True, help=word("option_oa_secret"))
@click.option("--access-token", required=True, help=word("option_access"))
@click.option("--refresh-token", required=True, help=word("option_refresh"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def add(commune: str, oa_id: str, oa_secret: str, access_token: str, refresh_token: str, as_json: bool) -> None:
    """Connect an OA with a pair somebody holds; the same OA again replaces its tokens."""
    profile = commune_of(load_library(), commune)
    services = open_services(bring_up=True)
    grants.connect(
        services.database,
        services.vault,
        services.clock,
        oa_id=oa_id,
        commune_id=commune,
        secret=oa_secret,
        access_token=access_token,
        refresh_token=refresh_token,
    )
    if as_json:
        click.echo(json.dumps({"oa_id": oa_id, "commune": commune}))
    else:
        click.echo(word("oa_added", oa_id=oa_id, commune=profile.full_name))


@oa.command("connect", help=word("oa_connect_help"))
@click.option("--commune", required=True, help=word("option_commune"))
@click.option("--oa-secret", required=True, help=word("option_oa_secret"))
@click.option("--public-url", default="", help=word("option_public"))
def connect(commune: str, oa_secret: str, public_url: str) -> None:
    """Begin OAuth with PKCE: print the address an admin of the OA opens."""
    commune_of(load_library(), commune)
    services = open_services()
    base = (public_url or services.settings.public_url).rstrip("/")
    if not base:
        raise CommandError(word("oa_need_public"))
    if not services.settings.zalo_app_id or not services.settings.zalo_app_secret:
        raise CommandError(word("oa_need_app"))
    url = grants.begin_grant(
        services.database,
        services.vault,
        services.clock,
        services.zalo,
        commune_id=commune,
        secret=oa_secret,
        redirect=f"{base}/oauth/zalo/callback",
    )
    click.echo(word("oa_open_this", url=url))


@oa.command("list", help=word("oa_list_help"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def list_accounts(as_json: bool) -> None:
    """All OAs, their tokens' days, and what keeps them from sending."""
    rows = account_states(open_services())
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        click.echo(word("oa_none"))
    for row in rows:
        click.echo(word("oa_line", **{**row, "state": _state_text(row)}))


def _state_text(row: dict[str, object]) -> str:
    if row["state"] == "paused":
        return word("oa_state_paused", reason=row["reason"])
    return word({"needs_grant": "oa_state_grant", "plain": "oa_state_plain"}.get(str(row["state"]), "oa_state_good"))


def account_states(services: Services) -> list[dict[str, object]]:
    """One row for each OA: oa_id, commune, days (left of the refresh token), state, reason. No secrets."""
    now = services.clock.now_ms()
    rows: list[dict[str, object]] = []
    with services.database.read() as connection:
        for account in accounts.list_accounts(connection, services.vault, now):
            tokens = accounts.read_tokens(connection, services.vault, account.oa_id)
            state = "good"
            if tokens is None or tokens.needs_grant:
                state = "needs_grant"
            elif account.paused_until_ms > now:
                state = "paused"
            elif account.plain_text:
                state = "plain"
            rows.append(
                {
                    "oa_id": account.oa_id,
                    "commune": account.commune_id,
                    "days": 0 if tokens is None else int(days_left(tokens, now)),
                    "state": state,
                    "reason": account.pause_reason if state == "paused" else None,
                }
            )
    return rows
