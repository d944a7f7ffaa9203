"""`/emulator/…`: JSON for tests, the demo and the page. Nothing here waits for anything unless it says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

from flask import Blueprint, Response, jsonify, request

from emulator import control_acts, oauth
from emulator.assembly import Emulator
from emulator.errors import ApiError, OAuthError
from emulator.seeds import seed_communes
from emulator.world import Message, OfficialAccount, Resident

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
}
RESIDENT_FIELDS: dict[str, type] = {
    "name": str,
    "inactive": bool,
    "follower": bool,
    "reads_messages": bool,
    "last_interaction_ms": int,
    "welcome_remain": int,
}
TIERS = frozenset({"full", "plain_text_only", "no_api_sends"})


def body_of_request() -> Mapping[str, object]:
    """The JSON object of a control request; empty where there is none. ValueError for anything else."""
    body = request.get_json(silent=True)
    if body is None and not request.get_data():
        return {}
    if not isinstance(body, dict):
        raise ValueError("a JSON object is needed")
    return body


def _assign(target: Target, values: Mapping[str, object], allowed: Mapping[str, type]) -> None:
    for name, value in values.items():
        if name in ("oa_id", "user_id"):
            continue
        if name == "blocked" and isinstance(target, Resident) and isinstance(value, list):
            target.blocked = {str(item) for item in value}
            continue
        if name == "last_interaction_ms" and value is None:
            setattr(target, name, None)
            continue
        if name not in allowed or type(value) is not allowed[name]:
            raise ValueError(f"{name} is unknown or of the wrong type")
        if name == "tier" and value not in TIERS:
            raise ValueError(f"tier must be one of {sorted(TIERS)}")
        setattr(target, name, value)


def create_blueprint(emulator: Emulator) -> Blueprint:
    """All control endpoints. Refusals: HTTP 400 with {"problem"}, 404 for unknown OAs and residents."""
    blueprint = Blueprint("control", __name__, url_prefix="/emulator")
    world = emulator.world

    @blueprint.errorhandler(ValueError)
    def bad_request(error: ValueError) -> tuple[Response, int]:
        return jsonify(problem=str(error)), 400

    @blueprint.errorhandler(OAuthError)
    def refused(error: OAuthError) -> tuple[Response, int]:
        return jsonify(error.body()), 400

    @blueprint.errorhandler(ApiError)
    def unknown(error: ApiError) -> tuple[Response, int]:
        return jsonify(problem=error.message), 404

    @blueprint.get("/state")
    def state() -> Response:
        return jsonify(
            app_id=emulator.app_id,
            app_secret=emulator.configuration.app_secret,
            oas=[account.to_json() for account in world.accounts()],
            clock={"now_ms": emulator.clock.now_ms(), "offset_seconds": emulator.clock.offset_seconds},
            webhook={
                "url": emulator.sender.url,
                "disabled": emulator.sender.disabled,
                "pending": emulator.sender.pending(),
            },
            faults=emulator.faults.to_json(),
            version=world.version,
        )

    @blueprint.post("/oas")
    def add_account() -> Response:
        wanted = dict(body_of_request())
        account = world.add_account(
            str(wanted.pop("name", "Xã giả lập")),
            oa_id=_text(wanted.pop("oa_id", None)),
            secret_key=_text(wanted.pop("secret_key", None)),
            alias=str(wanted.pop("alias", "")),
        )
        issue = wanted.pop("issue_tokens", True)
        _assign(account, wanted, ACCOUNT_FIELDS)
        tokens = emulator.issue_tokens(account.oa_id).to_json() if issue else None
        return jsonify(account.to_json() | {"tokens": tokens})

    @blueprint.patch("/oas/<oa_id>")
    def change_account(oa_id: str) -> Response:
        account = world.account(oa_id)
        with world.lock:
            _assign(account, body_of_request(), ACCOUNT_FIELDS)
            world.touch()
        return jsonify(account.to_json())

    @blueprint.post("/oas/<oa_id>/tokens")
    def issue_tokens(oa_id: str) -> Response:
        return jsonify(emulator.issue_tokens(oa_id).to_json())

    @blueprint.get("/oas/<oa_id>/tokens")
    def current_tokens(oa_id: str) -> Response:
        world.account(oa_id)
        pair = emulator.tokens.current(oa_id)
        return jsonify(pair.to_json() if pair else None)

    @blueprint.delete("/oas/<oa_id>/tokens")
    def revoke_tokens(oa_id: str) -> Response:
        world.account(oa_id)
        emulator.tokens.revoke(oa_id)
        return jsonify(ok=True)

    @blueprint.get("/users")
    def list_residents() -> Response:
        return jsonify([resident.to_json() for resident in world.residents(request.args["oa_id"])])

    @blueprint.post("/users")
    def add_residents() -> Response:
        wanted = dict(body_of_request())
        oa_id = str(wanted.pop("oa_id", ""))
        count = int(str(wanted.pop("count", 1)))
        user_id = _text(wanted.pop("user_id", None))
        hours_ago = wanted.pop("last_interaction_hours_ago", None)
        name = str(wanted.pop("name", "Người dân thử"))
        made = []
        for number in range(count):
            resident = world.add_resident(
                oa_id, name if count == 1 else f"{name} {number + 1}", user_id=user_id if count == 1 else None
            )
            if hours_ago is not None:
                resident.last_interaction_ms = emulator.clock.now_ms() - int(float(str(hours_ago)) * 3_600_000)
            _assign(resident, wanted, RESIDENT_FIELDS)
            made.append(resident.to_json())
        return jsonify(made[0] if count == 1 else made)

    @blueprint.patch("/users/<oa_id>/<user_id>")
    def change_resident(oa_id: str, user_id: str) -> Response:
        resident = world.resident(oa_id, user_id)
        with world.lock:
            _assign(resident, body_of_request(), RESIDENT_FIELDS)
            world.touch()
        return jsonify(resident.to_json())

    @blueprint.get("/messages")
    def messages() -> Response:
        chosen = world.messages(request.args.get("oa_id"), request.args.get("user_id"))
        direction = request.args.get("direction")
        after = int(request.args.get("after", 0))
        chosen = [item for item in chosen if item.sequence > after and direction in (None, item.direction)]
        return jsonify(messages=[item.to_json() for item in chosen], outbound_counts=_outbound_counts(chosen))

    @blueprint.get("/summary")
    def summary() -> Response:
        return jsonify(_summary(world.messages(request.args.get("oa_id"))))

    @blueprint.get("/deliveries")
    def deliveries() -> Response:
        return jsonify([delivery.to_json() for delivery in list(emulator.sender.recent)])

    @blueprint.get("/counters")
    def counters() -> Response:
        with world.lock:
            return jsonify(dict(world.counters))

    @blueprint.get("/rates")
    def rates() -> Response:
        return jsonify(emulator.rates.figures())

    @blueprint.route("/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> Response:
        if request.method == "POST":
            emulator.faults.update(body_of_request())
        elif request.method == "DELETE":
            emulator.faults.clear()
        world.touch()
        return jsonify(emulator.faults.to_json())

    @blueprint.post("/clock")
    def clock() -> Response:
        wanted = body_of_request()
        if wanted.get("reset"):
            emulator.clock.reset()
        emulator.clock.shift(
            float(str(wanted.get("shift_seconds", 0))) + float(str(wanted.get("shift_hours", 0))) * 3600
        )
        world.touch()
        return jsonify(now_ms=emulator.clock.now_ms(), offset_seconds=emulator.clock.offset_seconds)

    @blueprint.post("/webhook")
    def webhook() -> Response:
        wanted = body_of_request()
        probe = bool(wanted.get("probe", True))
        outcome = emulator.sender.set_url(_text(wanted.get("url")), probe=probe)
        return jsonify(url=emulator.sender.url, probe=outcome, disabled=emulator.sender.disabled)

    @blueprint.post("/oauth/code")
    def authorization_code() -> Response:
        wanted = body_of_request()
        code = oauth.grant_code(emulator, str(wanted.get("oa_id")), str(wanted.get("code_challenge", "")))
        return jsonify(code=code)

    @blueprint.post("/calls-per-minute")
    def calls_per_minute() -> Response:
        emulator.rates.calls_per_minute = int(str(body_of_request()["calls_per_minute"]))
        return jsonify(calls_per_minute=emulator.rates.calls_per_minute)

    @blueprint.post("/wait-idle")
    def wait_idle() -> Response:
        """The one call that waits: until no webhook runs or is due (at most `timeout_seconds`, default 10)."""
        return jsonify(idle=emulator.sender.wait_idle(float(str(body_of_request().get("timeout_seconds", 10)))))

    @blueprint.post("/reset")
    def reset() -> Response:
        if body_of_request().get("keep_accounts"):
            emulator.sender.forget()
            emulator.faults.clear()
            emulator.rates.clear()
            world.clear_messages()
        else:
            emulator.reset()
            if emulator.configuration.seed_communes:
                seed_communes(emulator)
        return jsonify(ok=True)

    @blueprint.post("/acts/<name>")
    def act(name: str) -> Response:
        perform = control_acts.ACTS.get(name)
        if perform is None:
            raise ValueError(f"acts are {sorted(control_acts.ACTS)}")
        return jsonify(perform(emulator, body_of_request()))

    return blueprint


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _outbound_counts(messages: list[Message]) -> list[dict[str, object]]:
    counts = Counter((item.oa_id, item.user_id, item.text) for item in messages if item.direction == "out")
    return [
        {"oa_id": oa_id, "user_id": user_id, "text": text, "count": count}
        for (oa_id, user_id, text), count in counts.items()
    ]


def _summary(messages: list[Message]) -> dict[str, object]:
    states: Counter[str] = Counter()
    for item in messages:
        if item.direction == "in":
            states[item.delivery_state or "suppressed"] += 1
    outbound = [item for item in messages if item.direction == "out"]
    repeated = [entry for entry in _outbound_counts(messages) if isinstance(entry["count"], int) and entry["count"] > 1]
    return {
        "inbound": sum(states.values()),
        "inbound_by_state": dict(states),
        "outbound": len(outbound),
        "outbound_received": sum(item.received for item in outbound),
        "repeated_texts": repeated,
    }
