"""`message/cs`: the order of its checks, its limits, its windows and what each reply says of quotas."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_harness import Harness, MakeHarness, sample

BUTTON = {"title": "A", "type": "oa.query.show", "payload": "#a"}


def _buttons(*buttons: dict[str, Any], **payload: object) -> dict[str, Any]:
    return {"type": "template", "payload": {"buttons": list(buttons), **payload}}


def _refusal(name: str) -> dict[str, Any]:
    return sample("responses", name)["json"]


@pytest.fixture
def open_harness(harness: Harness) -> Harness:
    """The resident has just written."""
    harness.emulator.world.interact(harness.resident)
    return harness


def _renew(harness: Harness) -> None:
    harness.access_token = harness.emulator.issue_tokens(harness.account.oa_id).access_token


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, "reply"), (47.9, "reply"), (48.1, "sub_quota"), (167.9, "sub_quota"), (168.1, "err_window_7d")],
)
def test_windows_by_a_shifted_clock(hours: float, expected: str, make_harness: MakeHarness) -> None:
    harness = make_harness(time_source=lambda: 1_795_323_600.0)
    harness.emulator.world.interact(harness.resident)
    harness.shift_hours(hours)
    _renew(harness)
    answer = harness.reply()
    if expected.startswith("err"):
        assert answer == _refusal(expected)
    else:
        assert answer["data"]["quota"]["quota_type"] == expected


def test_the_window_reopens_when_the_resident_writes(open_harness: Harness) -> None:
    open_harness.shift_hours(200)
    _renew(open_harness)
    assert open_harness.reply()["error"] == -230
    open_harness.say()
    assert open_harness.reply()["error"] == 0


def test_past_48_hours_the_package_pays_then_money_then_nobody(open_harness: Harness) -> None:
    open_harness.shift_hours(49)
    _renew(open_harness)
    open_harness.account.sub_quota_remain = 1
    quota = open_harness.reply()["data"]["quota"]
    assert (quota["remain"], quota["total"]) == ("0", "500")
    assert "quota" not in open_harness.reply()["data"]
    open_harness.account.has_money = False
    assert open_harness.reply()["error"] == -321


def test_a_stranger_is_refused_and_a_new_follower_gets_three(harness: Harness) -> None:
    assert harness.reply() == _refusal("err_window_none")
    harness.act("follow")
    quotas = [harness.reply()["data"]["quota"] for _ in range(3)]
    assert [quota["quota_type"] for quota in quotas] == ["welcome_msg"] * 3
    assert [quota["remain"] for quota in quotas] == ["2", "1", "0"]
    assert harness.reply() == _refusal("err_window_none")
    harness.say()
    assert harness.reply()["data"]["quota"] == {"quota_type": "reply"}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "x" * 2000}, 0),
        ({"text": "x" * 2001}, -210),
        ({"text": "  "}, -201),
        ({}, -201),
        ({"text": 5}, -201),
        ({"text": "a", "attachment": _buttons(*[BUTTON] * 5)}, 0),
        ({"text": "a", "attachment": _buttons(*[BUTTON] * 6)}, -210),
        ({"text": "a", "attachment": _buttons()}, -201),
        ({"text": "", "attachment": _buttons(BUTTON)}, -201),
        ({"text": "a", "attachment": _buttons(BUTTON | {"title": "t" * 100})}, 0),
        ({"text": "a", "attachment": _buttons(BUTTON | {"title": "t" * 101})}, -210),
        ({"text": "a", "attachment": _buttons(BUTTON | {"title": ""})}, -201),
        ({"text": "a", "attachment": _buttons(BUTTON | {"payload": "p" * 1000})}, 0),
        ({"text": "a", "attachment": _buttons(BUTTON | {"payload": "p" * 1001})}, -210),
        ({"text": "a", "attachment": _buttons(BUTTON | {"payload": {"a": 1}})}, -201),
        ({"text": "a", "attachment": _buttons(BUTTON | {"type": "oa.open.url", "payload": "https://a.vn"})}, -201),
        ({"text": "a", "attachment": _buttons(BUTTON | {"type": "oa.unknown"})}, -201),
        (
            {
                "text": "a",
                "attachment": _buttons(
                    BUTTON | {"type": "oa.open.sms", "payload": {"phone_code": "84", "content": "c" * 161}}
                ),
            },
            -210,
        ),
        ({"text": "a", "attachment": _buttons(BUTTON, template_type="button")}, -233),
        ({"text": "a", "attachment": {"type": "carousel", "payload": {}}}, -233),
        ({"attachment": {"type": "file", "payload": {"token": "never uploaded"}}}, -201),
    ],
)
def test_limits(message: dict[str, Any], code: int, open_harness: Harness) -> None:
    body = {"recipient": {"user_id": open_harness.resident.user_id}, "message": message}
    assert open_harness.post("/v3.0/oa/message/cs", body)["error"] == code


def test_a_gif_needs_its_size_and_uploads_live_seven_days(open_harness: Harness) -> None:
    import io

    token = open_harness.client.post(
        "/v2.0/oa/upload/gif",
        data={"file": (io.BytesIO(b"x"), "a.gif")},
        headers={"access_token": open_harness.access_token},
    ).get_json()["data"]["attachment_id"]

    def send(**size: int) -> int:
        element = {"media_type": "gif", "attachment_id": token, **size}
        payload = {"template_type": "media", "elements": [element]}
        return open_harness.reply("", attachment={"type": "template", "payload": payload})["error"]

    assert send() == -201
    assert send(width=3, height=2) == 0
    open_harness.shift_hours(7 * 24 + 1)
    _renew(open_harness)
    assert send(width=3, height=2) == -100


@pytest.mark.parametrize(("name", "size", "code"), [("a.exe", 1, -201), ("a.jpg", 1_048_577, -210), ("a.png", 9, 0)])
def test_uploads_are_checked(name: str, size: int, code: int, harness: Harness) -> None:
    part = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    answer = harness.client.post(
        "/v2.0/oa/upload/image",
        data=part + b"x" * size + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        headers={"access_token": harness.access_token},
    )
    assert answer.get_json()["error"] == code


def test_order_of_checks(harness: Harness) -> None:
    """Each body holds every later mistake too; the earliest one answers."""
    path = "/v3.0/oa/message/cs"
    too_long = {"text": "x" * 2001, "attachment": _buttons(BUTTON)}
    fine = {"text": "x", "attachment": _buttons(BUTTON)}
    harness.account.tier = "plain_text_only"
    headers = {"access_token": harness.access_token}
    assert harness.client.post(path, data=b"{", headers={"access_token": "no"}).get_json()["error"] == -216
    assert harness.client.post(path, data=b"{", headers=headers).get_json()["message"] == "body is invalid!"
    unknown = {"recipient": {"user_id": "1"}, "message": too_long}
    assert harness.post(path, unknown) == _refusal("err_param_invalid")
    known = {"user_id": harness.resident.user_id}
    assert harness.post(path, {"recipient": known, "message": too_long}) == _refusal("err_too_long")
    assert harness.post(path, {"recipient": known, "message": fine}) == _refusal("err_tier")
    harness.account.tier = "full"
    assert harness.post(path, {"recipient": known, "message": fine}) == _refusal("err_window_none")
    harness.emulator.world.interact(harness.resident)
    assert harness.post(path, {"recipient": known, "message": fine})["error"] == 0


def test_a_low_package_takes_plain_text_and_the_lowest_takes_nothing(open_harness: Harness) -> None:
    open_harness.account.tier = "plain_text_only"
    assert open_harness.reply()["error"] == 0
    assert open_harness.reply(attachment=_buttons(BUTTON))["error"] == -224
    open_harness.account.tier = "no_api_sends"
    assert open_harness.reply()["error"] == -224


def test_people_who_cannot_be_reached(open_harness: Harness) -> None:
    open_harness.resident.inactive = True
    assert open_harness.reply() == _refusal("err_user_inactive")
    open_harness.resident.inactive = False
    open_harness.resident.blocked = {"cs"}
    assert open_harness.reply() == _refusal("err_user_restricted")


def test_another_oas_resident_is_unknown(open_harness: Harness) -> None:
    other = open_harness.emulator.world.add_account("Xã khác")
    token = open_harness.emulator.issue_tokens(other.oa_id).access_token
    body = {"recipient": {"user_id": open_harness.resident.user_id}, "message": {"text": "a"}}
    assert open_harness.post("/v3.0/oa/message/cs", body, token=token) == _refusal("err_param_invalid")


def test_a_refused_message_is_not_delivered(open_harness: Harness) -> None:
    open_harness.reply("x" * 2001)
    assert open_harness.emulator.world.messages() == []


def test_retired_ways_are_refused(open_harness: Harness) -> None:
    for path in ("/v3.0/oa/message/transaction", "/v3.0/oa/message/promotion"):
        assert open_harness.post(path, {}) == _refusal("err_v2_shutdown")
