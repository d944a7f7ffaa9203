"""Where Zalo sends an OA's admin back after they granted us access (contract 2): code in, token pair stored."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, render_template_string, request

from bot.clock import Clock
from bot.encryption import Vault
from bot.grants import GrantFailed, complete_grant
from bot.store.database import Database
from bot.zalo.client import ZaloClient
from webhooks.words import word

logger = logging.getLogger(__name__)

PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ product }}</title><body style="font:1.1rem/1.6 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem">
<h1>{{ title }}</h1><p>{{ text }}</p></body></html>"""


def make_blueprint(database: Database, vault: Vault, clock: Clock, client: ZaloClient) -> Blueprint:
    """The callback saved in Zalo's console."""
    blueprint = Blueprint("oauth", __name__)

    def page(title: str, text: str, status: int) -> Response:
        return Response(
            render_template_string(PAGE, title=word(title), text=text, product=word("product")),
            status,
            mimetype="text/html",
        )

    @blueprint.get("/oauth/zalo/callback")
    def callback() -> Response:
        code, oa_id, state = (request.args.get(name, "") for name in ("code", "oa_id", "state"))
        if not code or not oa_id or not state:
            return page("oauth_failed_title", word("oauth_incomplete"), 400)
        try:
            commune = complete_grant(database, vault, clock, client, code=code, oa_id=oa_id, state=state)
        except GrantFailed as failure:
            logger.warning("grant failed", extra={"reason": failure.reason, "code": failure.code, "oa_id": oa_id})
            return page("oauth_failed_title", word(f"oauth_{failure.reason}"), 400)
        logger.info("official account connected", extra={"oa_id": oa_id, "commune": commune})
        return page("oauth_done_title", word("oauth_done"), 200)

    return blueprint
