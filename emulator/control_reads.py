"""Control endpoints that only look: state, messages, what was acknowledged, how often a text went out, rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request

from emulator import tracing, transcript
from emulator.assembly import Emulator
from emulator.world import Message


def outbound_counts(messages: Sequence[Message]) -> list[dict[str, object]]:
    """How often each text was delivered to each resident: a text sent twice is a duplicate to explain."""
    counts = Counter((item.oa_id, item.user_id, item.text) for item in messages if item.direction == "out")
    return [
        {"oa_id": oa_id, "user_id": user_id, "text": text, "count": count}
        for (oa_id, user_id, text), count in counts.items()
    ]


def summary_of(messages: Sequence[Message]) -> dict[str, object]:
    """Inbound messages by state, outbound messages, and every text sent to the same person more than once."""
    inbound = Counter(item.delivery_state or "suppressed" for item in messages if item.direction == "in")
    outbound = [item for item in messages if item.direction == "out"]
    counts = Counter((item.oa_id, item.user_id, item.text) for item in outbound)
    return {
        "inbound": inbound.total(),
        "inbound_by_state": dict(inbound),
        "outbound": len(outbound),
        "outbound_received": sum(item.received for item in outbound),
        "repeated_texts": sum(count > 1 for count in counts.values()),
    }


def state_of(emulator: Emulator) -> dict[str, object]:
    """OAs, clock, webhook, faults."""
    return {
        "app_id": emulator.app_id,
        "app_secret": emulator.configuration.app_secret,
        "oas": [account.to_json() for account in emulator.world.accounts()],
        "clock": {"now_ms": emulator.clock.now_ms(), "offset_seconds": emulator.clock.offset_seconds},
        "webhook": {
            "url": emulator.sender.url,
            "disabled": emulator.sender.disabled,
            "pending": emulator.sender.pending(),
        },
        "faults": emulator.faults.to_json(),
        "version": emulator.world.version,
    }


def register(blueprint: Blueprint, emulator: Emulator) -> None:
    """Add the endpoints."""
    world = emulator.world

    @blueprint.get("/state")
    def state() -> Response:
        return jsonify(state_of(emulator))

    @blueprint.get("/messages")
    def messages() -> Response:
        chosen = world.messages(request.args.get("oa_id"), request.args.get("user_id"))
        direction = request.args.get("direction")
        after = int(request.args.get("after", 0))
        chosen = [item for item in chosen if item.sequence > after and direction in (None, item.direction)]
        return jsonify(messages=[item.to_json() for item in chosen], outbound_counts=outbound_counts(chosen))

    @blueprint.get("/summary")
    def summary() -> Response:
        return jsonify(summary_of(world.messages(request.args.get("oa_id"))))

    @blueprint.get("/deliveries")
    def deliveries() -> Response:
        wanted = request.args.get("message_id")
        recent = [delivery.to_json() for delivery in list(emulator.sender.recent)]
        return jsonify([item for item in recent if wanted in (None, item["message_id"])])

    @blueprint.get("/counters")
    def counters() -> Response:
        with world.lock:
            return jsonify(dict(world.counters))

    @blueprint.get("/rates")
    def rates() -> Response:
        return jsonify(emulator.rates.figures())

    @blueprint.get("/transcript")
    def conversation_transcript() -> Response:
        oa_id, user_id = request.args.get("oa_id", ""), request.args.get("user_id", "")
        case = transcript.as_test_case(world.account(oa_id), world.conversation(oa_id, user_id))
        response = jsonify(case)
        response.headers["Content-Disposition"] = f'attachment; filename="hoi-thoai-{user_id}.json"'
        return response

    @blueprint.get("/trace")
    def trace() -> Response:
        template = emulator.configuration.trace_url
        oa_id, msg_id = request.args.get("oa_id", ""), request.args.get("msg_id", "")
        return jsonify(tracing.fetch(template, oa_id=oa_id, msg_id=msg_id))
