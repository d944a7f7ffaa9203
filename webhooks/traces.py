"""How a message was understood, for the chat page of the demo. Only under HOIXA_TRACE, never with the real Zalo."""

from __future__ import annotations

from flask import Blueprint, Response, request

from bot.encryption import Vault
from bot.store.database import Database
from bot.store.staff_requests import read_trace


def make_blueprint(database: Database, vault: Vault) -> Blueprint:
    """One route, public on a machine that only the demo uses."""
    blueprint = Blueprint("traces", __name__)

    @blueprint.get("/traces")
    def trace() -> Response:
        with database.read() as connection:
            document = read_trace(connection, vault, request.args.get("oa_id", ""), request.args.get("msg_id", ""))
        return Response(document or "{}", 200 if document else 404, mimetype="application/json")

    return blueprint
