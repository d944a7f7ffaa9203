"""The control API: what tests of the product lean on."""

from __future__ import annotations

from emulator_harness import Harness, MakeHarness

from emulator import EmulatorConfiguration, create_app, emulator_of
from emulator.__main__ import configuration_from, parser


def test_an_oa_comes_with_tokens_unless_told_otherwise(harness: Harness) -> None:
    made = harness.client.post("/emulator/oas", json={"name": "Xã mới", "tier": "plain_text_only"}).get_json()
    assert made["tier"] == "plain_text_only"
    assert harness.emulator.tokens.check(made["tokens"]["access_token"]) == made["oa_id"]
    bare = harness.client.post("/emulator/oas", json={"issue_tokens": False, "secret_key": "k"}).get_json()
    assert (bare["tokens"], bare["granted"], bare["secret_key"]) == (None, False, "k")
    issued = harness.client.post(f"/emulator/oas/{bare['oa_id']}/tokens").get_json()
    assert harness.emulator.tokens.check(issued["access_token"]) == bare["oa_id"]
    assert harness.emulator.world.account(bare["oa_id"]).granted


def test_residents_are_made_singly_and_in_numbers(harness: Harness) -> None:
    oa_id = harness.account.oa_id
    one = harness.client.post(
        "/emulator/users", json={"oa_id": oa_id, "user_id": "123", "name": "Bác A", "last_interaction_hours_ago": 60}
    ).get_json()
    assert one["user_id"] == "123"
    age = harness.emulator.clock.now_ms() - one["last_interaction_ms"]
    assert 59 * 3_600_000 < age < 61 * 3_600_000
    many = harness.client.post("/emulator/users", json={"oa_id": oa_id, "count": 50, "follower": True}).get_json()
    assert len({item["user_id"] for item in many}) == 50
    assert all(item["follower"] for item in many)
    assert all(item["user_id"].isdigit() and len(item["user_id"]) == 19 for item in many)
    changed = harness.client.patch(f"/emulator/users/{oa_id}/123", json={"inactive": True, "blocked": ["cs"]})
    assert (changed.get_json()["inactive"], changed.get_json()["blocked"]) == (True, ["cs"])


def test_refusals_are_400_and_404(harness: Harness) -> None:
    client, oa_id = harness.client, harness.account.oa_id
    assert client.post("/emulator/users", json={"oa_id": "nope"}).status_code == 404
    assert client.post("/emulator/acts/send", json={"oa_id": oa_id, "user_id": "nope"}).status_code == 404
    assert client.post("/emulator/acts/send", json={"text": "a"}).status_code == 400
    assert client.post("/emulator/acts/dance", json={}).status_code == 400
    assert client.patch(f"/emulator/oas/{oa_id}", json={"tier": "golden"}).status_code == 400
    assert client.patch(f"/emulator/oas/{oa_id}", json={"secret_key": "x"}).status_code == 400
    assert client.post("/emulator/oas", json={"oa_id": oa_id}).status_code == 400
    assert client.post("/emulator/clock", data=b"[1]", content_type="application/json").status_code == 400


def test_messages_tell_what_was_acknowledged_and_how_often_a_text_went_out(harness: Harness) -> None:
    inbound = harness.say("hỏi")
    for text in ("đáp", "đáp", "khác"):
        harness.reply(text)
    harness.settle()
    who = {"oa_id": harness.account.oa_id, "user_id": harness.resident.user_id}
    found = harness.client.get("/emulator/messages", query_string=who).get_json()
    assert [item["text"] for item in found["messages"]] == ["hỏi", "đáp", "đáp", "khác"]
    assert (found["messages"][0]["message_id"], found["messages"][0]["acknowledged"]) == (inbound, True)
    counts = {entry["text"]: entry["count"] for entry in found["outbound_counts"]}
    assert counts == {"đáp": 2, "khác": 1}
    after = found["messages"][1]["sequence"]
    rest = harness.client.get("/emulator/messages", query_string=who | {"after": after, "direction": "out"})
    assert [item["text"] for item in rest.get_json()["messages"]] == ["đáp", "khác"]
    numbers = [item["request_number"] for item in found["messages"][1:]]
    assert numbers == sorted(set(numbers))
    summary = harness.client.get("/emulator/summary").get_json()
    assert summary == {
        "inbound": 1,
        "inbound_by_state": {"acknowledged": 1},
        "outbound": 3,
        "outbound_received": 3,
        "repeated_texts": 1,
    }


def test_counters(harness: Harness) -> None:
    harness.reply()
    counters = harness.client.get("/emulator/counters").get_json()
    assert (counters["api_calls"], counters["api_error_-232"]) == (1, 1)


def test_a_tap_by_the_place_of_the_button(harness: Harness) -> None:
    harness.say()
    buttons = [
        {"title": "Một", "type": "oa.query.show", "payload": "#1"},
        {"title": "Hai", "type": "oa.query.show", "payload": "#2"},
    ]
    shown = harness.reply("Chọn", attachment={"type": "template", "payload": {"buttons": buttons}})
    sent = harness.act("tap", message_id=shown["data"]["message_id"], index=1)
    message = harness.emulator.world.message(sent["message_id"])
    assert message is not None
    assert (message.text, message.title) == ("#2", "Hai")


def test_resets(make_harness: MakeHarness) -> None:
    harness = make_harness(seed_communes=True)
    harness.say()
    harness.shift_hours(3)
    harness.client.post("/emulator/reset", json={"keep_accounts": True})
    assert harness.emulator.world.messages() == []
    assert harness.get("/v2.0/oa/getoa")["error"] == 0
    harness.client.post("/emulator/reset")
    assert harness.get("/v2.0/oa/getoa")["error"] == -216
    assert harness.emulator.clock.offset_seconds == 0
    names = [account.name for account in harness.emulator.world.accounts()]
    assert "Xã thử nghiệm" not in names
    assert len(names) == 5


def test_a_seed_repeats_every_id() -> None:
    def ids() -> list[str]:
        emulator = emulator_of(create_app(EmulatorConfiguration(seed=7, sender_threads=1)))
        account = emulator.world.add_account("Xã")
        resident = emulator.world.add_resident(account.oa_id, "Bác")
        message = emulator.world.record(
            oa_id=account.oa_id, user_id=resident.user_id, direction="in", kind="text", text="a"
        )
        emulator.stop()
        return [account.oa_id, account.secret_key, resident.user_id, message.message_id]

    assert ids() == ids()


def test_the_transcript_is_a_test_case(harness: Harness) -> None:
    harness.say("hỏi một")
    harness.reply("đáp một")
    harness.say("hỏi hai")
    who = {"oa_id": harness.account.oa_id, "user_id": harness.resident.user_id}
    response = harness.client.get("/emulator/transcript", query_string=who)
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.get_json() == {
        "oa": {"name": "Xã thử nghiệm", "alias": "xa-thu"},
        "turns": [
            {
                "send": {"kind": "text", "text": "hỏi một"},
                "expect": [{"text": "đáp một", "buttons": [], "by_admin": False}],
            },
            {"send": {"kind": "text", "text": "hỏi hai"}, "expect": []},
        ],
    }


def test_the_command_line_becomes_a_configuration() -> None:
    arguments = parser().parse_args(
        ["--webhook", "http://127.0.0.1:8000/webhooks/zalo", "--trace", "http://x/{oa_id}", "--seed", "3", "--empty"]
    )
    configuration = configuration_from(arguments)
    assert configuration.webhook_url == "http://127.0.0.1:8000/webhooks/zalo"
    assert configuration.trace_url == "http://x/{oa_id}"
    assert (configuration.seed, configuration.seed_communes) == (3, False)


def test_settings_change_while_it_runs(make_harness: MakeHarness) -> None:
    harness = make_harness()
    changed = harness.client.post("/emulator/settings", json={"calls_per_minute": 1, "redelivery_scale": 1})
    assert (changed.get_json()["calls_per_minute"], changed.get_json()["redelivery_scale"]) == (1, 1.0)
    assert [harness.reply()["error"] for _ in range(2)] == [-232, -32]
    for wanted in ({"app_secret": "x"}, {"echo": "no"}, {"calls_per_minute": 5, "echo": "no"}):
        assert harness.client.post("/emulator/settings", json=wanted).status_code == 400
    assert harness.client.get("/emulator/settings").get_json()["calls_per_minute"] == 1


def test_a_revoked_oa_falls_silent(harness: Harness) -> None:
    harness.client.delete(f"/emulator/oas/{harness.account.oa_id}/tokens")
    message_id = harness.say()
    stored = harness.emulator.world.message(message_id)
    assert stored is not None
    assert stored.delivery_state == "suppressed"
