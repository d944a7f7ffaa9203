"""Replays the contract's requests and compares the replies with its samples."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from emulator_harness import Harness, MakeHarness, Product, sample, shape

SAMPLE_USER = "5093817264401928376"
SAMPLE_MESSAGE = "4f1c09d27ab3658ee091"
PAIRS = [
    ("cs_text", "cs_ok_reply_window"),
    ("cs_text_buttons", "cs_ok_reply_window"),
    ("cs_text_quote", "cs_ok_reply_window"),
    ("cs_text_reply_by_message_id", "cs_ok_reply_window"),
    ("cs_image_url", "cs_ok_reply_window"),
    ("cs_image_attachment_id", "cs_ok_reply_window"),
    ("cs_gif", "cs_ok_reply_window"),
    ("cs_sticker", "cs_ok_reply_window"),
    ("cs_file", "cs_ok_reply_window"),
    ("cs_request_user_info", "cs_ok_reply_window"),
    ("cs_list_template", "cs_ok_reply_window"),
    ("react", "react_ok"),
    ("anonymous_text", "anonymous_ok"),
    ("group_message_text", "group_message_ok"),
    ("getoa", "getoa_ok"),
    ("user_detail", "user_detail_ok"),
    ("user_getlist", "user_getlist_ok"),
    ("user_update", "simple_ok"),
    ("quota_user", "quota_user_ok"),
    ("quota_oa", "quota_oa_ok"),
    ("conversation", "conversation_ok"),
    ("listrecentchat", "listrecentchat_ok"),
    ("tag_follower", "simple_ok"),
    ("untag_follower", "simple_ok"),
    ("tags_list", "tags_list_ok"),
    ("article_create", "article_create_ok"),
    ("v2_list_template", "err_v2_shutdown"),
]


def _prepare(harness: Harness) -> Callable[[Any], Any]:
    """The state the samples speak of; returns how to put this emulator's ids into a sample."""
    resident = harness.resident
    harness.account.list_template = True
    harness.account.groups["b81e5d3c90f7a264d1aa"] = True
    harness.act("follow")
    message_id = harness.say()
    harness.post("/v2.0/oa/tag/tagfollower", {"user_id": resident.user_id, "tag_name": "Đang học"})
    resident.shared_info = {"address": "a", "city": "b", "district": "c", "phone": "84900000012", "name": "d"}
    uploads = {}
    for kind, name, old in (
        ("image", "a.jpg", "Kq3tY0mB1sXw7Zr5"),
        ("gif", "a.gif", "Gq3tY0mB1sXw7Zr5"),
        ("file", "a.pdf", "Tk-9xQ2f7cV1nR4"),
    ):
        answer = harness.client.post(
            f"/v2.0/oa/upload/{kind}",
            data={"file": (io.BytesIO(b"x"), name)},
            headers={"access_token": harness.access_token},
        ).get_json()
        assert shape(answer) == shape(sample("responses", f"upload_{kind}_ok")["json"])
        uploads[old] = next(iter(answer["data"].values()))
    ids = {SAMPLE_USER: resident.user_id, SAMPLE_MESSAGE: message_id, **uploads}

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [fill(item) for item in value]
        if isinstance(value, str):
            for old, new in ids.items():
                value = value.replace(old, new)
        return value

    return fill


@pytest.mark.parametrize(("request_name", "response_name"), PAIRS)
def test_reply_has_the_shape_of_its_sample(request_name: str, response_name: str, harness: Harness) -> None:
    fill = _prepare(harness)
    request = fill(copy.deepcopy(sample("requests", request_name)))
    path = urlsplit(request["url"]).path
    if request["method"] == "GET":
        answer = harness.get(path, **{key: str(value) for key, value in request.get("query", {}).items()})
    else:
        answer = harness.post(path, request["json"])
    assert shape(answer) == shape(sample("responses", response_name)["json"])


def test_every_call_reports_the_rate_and_http_200(harness: Harness) -> None:
    response = harness.client.get("/v2.0/oa/getoa", headers={"access_token": harness.access_token})
    assert response.status_code == 200
    assert response.headers["X-RateLimit-Limit"] == "4000"
    assert response.headers["X-RateLimit-Remain"] == "3999"


@pytest.mark.parametrize("path", ["/v3.0/oa/message/cs", "/v2.0/oa/message", "/v2.0/article/create"])
def test_a_bad_token_is_refused_first(path: str, harness: Harness) -> None:
    response = harness.client.post(path, data=b"not json", headers={"access_token": "made up"})
    assert response.status_code == 200
    assert response.get_json() == sample("responses", "err_token_invalid")["json"]


def test_conversation_is_ten_rows_newest_first_with_numbers_for_time(harness: Harness) -> None:
    for number in range(8):
        harness.say(f"hỏi {number}")
        harness.reply(f"đáp {number}")
    data = f'{{"user_id":"{harness.resident.user_id}","offset":0,"count":10}}'
    rows = harness.get("/v2.0/oa/conversation", data=data)["data"]
    assert len(rows) == 10
    assert [(row["src"], row["message"]) for row in rows[:3]] == [(0, "đáp 7"), (1, "hỏi 7"), (0, "đáp 6")]
    assert all(isinstance(row["time"], int) for row in rows)
    assert rows[0]["from_id"] == harness.account.oa_id
    too_many = f'{{"user_id":"{harness.resident.user_id}","offset":0,"count":11}}'
    assert harness.get("/v2.0/oa/conversation", data=too_many)["error"] == -210


def test_recent_chats_hold_the_newest_message_of_each_person(harness: Harness) -> None:
    other = harness.emulator.world.add_resident(harness.account.oa_id, "Bác khác")
    harness.say("một")
    harness.act("send", user_id=other.user_id, text="hai")
    harness.say("ba")
    rows = harness.get("/v2.0/oa/listrecentchat", data='{"offset":0,"count":10}')["data"]
    assert [row["message"] for row in rows] == ["ba", "hai"]


def test_residents_are_listed_by_following_and_last_interaction(harness: Harness) -> None:
    world = harness.emulator.world
    follower = world.add_resident(harness.account.oa_id, "Người theo dõi")
    world.follow(follower, True)
    world.add_resident(harness.account.oa_id, "Người lạ")
    harness.say()

    def listed(**wanted: str) -> list[str]:
        import json

        data = harness.get("/v3.0/oa/user/getlist", data=json.dumps({"offset": 0, "count": 50, **wanted}))["data"]
        assert data["total"] == len(data["users"])
        return [user["user_id"] for user in data["users"]]

    assert listed() == [harness.resident.user_id, follower.user_id]
    assert listed(is_follower="true") == [follower.user_id]
    assert listed(last_interaction_period="TODAY") == [harness.resident.user_id]
    harness.shift_hours(24 * 8)
    harness.access_token = harness.emulator.issue_tokens(harness.account.oa_id).access_token
    assert listed(last_interaction_period="L7D") == []
    assert listed(last_interaction_period="L30D") == [harness.resident.user_id]
    assert listed(last_interaction_period="2020_01_01:2020_12_31") == []


def _article(harness: Harness) -> str:
    token = harness.post("/v2.0/article/create", sample("requests", "article_create")["json"])["data"]["token"]
    assert (
        harness.post("/v2.0/article/verify", {"token": token}) == sample("responses", "err_article_processing")["json"]
    )
    answer = harness.post("/v2.0/article/verify", {"token": token})
    assert shape(answer) == shape(sample("responses", "article_verify_ok")["json"])
    return answer["data"]["id"]


NOON_IN_VIETNAM = 1_795_323_600.0
"""2026-11-22 05:00 UTC."""


def _broadcast_body(article_id: str) -> Any:
    body = sample("requests", "broadcast_article")["json"]
    body["message"]["attachment"]["payload"]["elements"][0]["attachment_id"] = article_id
    return body


def test_a_broadcast_reaches_followers_after_its_review(make_harness: MakeHarness, product: Product) -> None:
    harness = make_harness(time_source=lambda: NOON_IN_VIETNAM)
    stranger = harness.emulator.world.add_resident(harness.account.oa_id, "Người lạ")
    harness.emulator.world.follow(harness.resident, True)
    answer = harness.post("/v2.0/oa/message", _broadcast_body(_article(harness)))
    assert answer["error"] == 0
    harness.shift_hours(0.4)
    assert harness.emulator.world.messages(harness.account.oa_id) == []
    harness.shift_hours(0.2)
    harness.settle()
    (received,) = harness.emulator.world.messages(harness.account.oa_id)
    assert (received.user_id, received.kind) == (harness.resident.user_id, "article")
    assert shape(product.events("oa_send_list")[0].body) == shape(sample("events", "oa_send_list"))
    assert harness.emulator.world.conversation(harness.account.oa_id, stranger.user_id) == []


def test_no_broadcast_at_night_nor_past_the_quota(make_harness: MakeHarness) -> None:
    harness = make_harness(time_source=lambda: NOON_IN_VIETNAM)
    body = _broadcast_body(_article(harness))
    harness.shift_hours(10)
    assert harness.post("/v2.0/oa/message", body) == sample("responses", "err_night")["json"]
    harness.shift_hours(7.99)
    assert harness.post("/v2.0/oa/message", body)["error"] == -234
    harness.shift_hours(0.02)
    harness.account.broadcast_quota = 1
    assert harness.post("/v2.0/oa/message", body)["error"] == 0
    assert harness.post("/v2.0/oa/message", body) == sample("responses", "err_out_of_quota")["json"]


def test_articles_have_a_quota_and_belong_to_their_oa(harness: Harness) -> None:
    article_id = _article(harness)
    shown = harness.get("/v2.0/article/getdetail", id=article_id)["data"]
    assert shown["title"] == sample("requests", "article_create")["json"]["title"]
    assert harness.get("/v2.0/article/getslice", offset="0", limit="10", type="normal")["data"]["total"] == 1
    update = sample("requests", "article_update")["json"] | {"id": article_id}
    token = harness.post("/v2.0/article/update", update)["data"]["token"]
    harness.post("/v2.0/article/verify", {"token": token})
    assert harness.post("/v2.0/article/verify", {"token": token})["data"]["id"] == article_id
    assert harness.get("/v2.0/article/getdetail", id=article_id)["data"]["title"] == update["title"]
    other = harness.emulator.world.add_account("Xã khác")
    foreign = harness.emulator.issue_tokens(other.oa_id).access_token
    assert harness.post("/v2.0/article/remove", {"id": article_id}, token=foreign)["error"] == -201
    assert harness.post("/v2.0/article/remove", {"id": article_id})["error"] == 0
    harness.account.article_quota = 0
    refused = harness.post("/v2.0/article/create", sample("requests", "article_create")["json"])
    assert refused == sample("responses", "err_article_quota")["json"]


def test_groups_refuse_strangers_and_the_disabled(harness: Harness) -> None:
    body = sample("requests", "group_message_text")["json"]
    assert harness.post("/v3.0/oa/group/message", body) == sample("responses", "err_not_in_group")["json"]
    harness.account.groups["b81e5d3c90f7a264d1aa"] = False
    assert harness.post("/v3.0/oa/group/message", body) == sample("responses", "err_group_disabled")["json"]
    harness.account.verified = False
    assert harness.post("/v3.0/oa/group/message", body) == sample("responses", "err_not_verified")["json"]
