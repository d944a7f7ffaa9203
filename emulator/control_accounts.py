"""Control endpoints for OAs, their tokens and their residents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from flask import Blueprint, Response, jsonify, request

from emulator.assembly import Emulator
from emulator.clock import HOUR_MS
from emulator.control_body import body_of_request, optional_text
from emulator.world import OfficialAccount, Resident

Target = TypeVar("Target", OfficialAccount, Resident)
ACCOUNT_FIELDS: dict[str, type] = {
    "name": str,
    "description": str,
    "tier": str,
    "verified": bool,
    "disabled": bool,
    "sub_quota_total": int,
    "sub_quota_remain": int,
    "has_money": bool,
    "article_quota": int,
    "broadcast_quota": int,
    "buttons_template_type": str,
    "list_template": bool,
    "groups": dict,
}
RESIDENT_FIELDS: dict[str, type] = {
    "name": str,
    "inactive": bool,
    "follower": bool,
    "reads_messages": bool,
    "last_interaction_ms": int,
    "welcome_remain": int,
}
CHOICES: dict[str, frozenset[str]] = {
    "tier": frozenset({"full", "plain_text_only", "no_api_sends"}),
    "buttons_template_type": frozenset({"absent", "any"}),
}


def assign(target: Target, values: Mapping[str, object], allowed: Mapping[str, type]) -> None:
    """Set the named fields. ValueError on an unknown name, a wrong type or a value outside its choices."""
    for name, value in values.items():
        if name == "blocked" and isinstance(target, Resident) and isinstance(value, list):
            target.blocked = {str(item) for item in value}
        elif name == "last_interaction_ms" and value is None:
            setattr(target, name, None)
        elif name not in allowed or type(value) is not allowed[name]:
            raise ValueError(f"{name} is unknown or of the wrong type")
        elif name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"{name} must be one of {sorted(CHOICES[name])}")
        else:
            setattr(target, name, value)


def register(blueprint: Blueprint, emulator: Emulator) -> None:
    """Add the endpoints."""
    _register_accounts(blueprint, emulator)
    _register_residents(blueprint, emulator)


def _register_accounts(blueprint: Blueprint, emulator: Emulator) -> None:
    world = emulator.world

    @blueprint.post("/oas")
    def add_account() -> Response:
        wanted = dict(body_of_request())
        account = world.add_account(
            str(wanted.pop("name", "Xã giả lập")),
            oa_id=optional_text(wanted.pop("oa_id", None)),
            secret_key=optional_text(wanted.pop("secret_key", None)),
            alias=str(wanted.pop("alias", "")),
        )
        issue = wanted.pop("issue_tokens", True)
        assign(account, wanted, ACCOUNT_FIELDS)
        tokens = emulator.issue_tokens(account.oa_id).to_json() if issue else None
        return jsonify(account.to_json() | {"tokens": tokens})

    @blueprint.patch("/oas/<oa_id>")
    def change_account(oa_id: str) -> Response:
        account = world.account(oa_id)
        with world.lock:
            assign(account, body_of_request(), ACCOUNT_FIELDS)
            world.touch()
        return jsonify(account.to_json())

    @blueprint.route("/oas/<oa_id>/tokens", methods=["GET", "POST", "DELETE"])
    def tokens(oa_id: str) -> Response:
        account = world.account(oa_id)
        if request.method == "POST":
            emulator.issue_tokens(oa_id)
        elif request.method == "DELETE":
            emulator.tokens.revoke(oa_id)
            with world.lock:
                account.granted = False
        pair = emulator.tokens.current(oa_id)
        return jsonify(pair.to_json() if pair else None)


def _register_residents(blueprint: Blueprint, emulator: Emulator) -> None:
    world = emulator.world

    @blueprint.get("/users")
    def list_residents() -> Response:
        return jsonify([resident.to_json() for resident in world.residents(request.args.get("oa_id", ""))])

    @blueprint.post("/users")
    def add_residents() -> Response:
        wanted = dict(body_of_request())
        oa_id = str(wanted.pop("oa_id", ""))
        count = int(str(wanted.pop("count", 1)))
        user_id = optional_text(wanted.pop("user_id", None))
        hours_ago = wanted.pop("last_interaction_hours_ago", None)
        name = str(wanted.pop("name", "Người dân thử"))
        made = []
        for number in range(count):
            resident = world.add_resident(
                oa_id, name if count == 1 else f"{name} {number + 1}", user_id=user_id if count == 1 else None
            )
            if hours_ago is not None:
                resident.last_interaction_ms = emulator.clock.now_ms() - int(float(str(hours_ago)) * HOUR_MS)
            assign(resident, wanted, RESIDENT_FIELDS)
            made.append(resident.to_json())
        return jsonify(made[0] if count == 1 else made)

    @blueprint.patch("/users/<oa_id>/<user_id>")
    def change_resident(oa_id: str, user_id: str) -> Response:
        resident = world.resident(oa_id, user_id)
        with world.lock:
            assign(resident, body_of_request(), RESIDENT_FIELDS)
            world.touch()
        return jsonify(resident.to_json())
