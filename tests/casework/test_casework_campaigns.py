"""Campaigns: open on the right days, aims against what came by village, rewritten by one at a time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from casework_people import make_official
from rig import OUR_OA, Rig
from sqlalchemy import event

from bot.casework import campaigns
from bot.casework.campaigns import CampaignProblem
from bot.permissions import NotAllowed
from bot.store.campaigns import Came, NewCampaign

VILLAGES = ("thôn đông", "thôn đoài", "thôn trung")
EACH_VILLAGE = NewCampaign(
    "village", "Mỗi thôn một sáng kiến", "", date(2026, 11, 1), date(2026, 12, 31), 0
)  # fmt: skip
NUMBERS = count(1)


def begin(rig: Rig, new: NewCampaign = EACH_VILLAGE, **targets: int) -> int:
    who = make_official(rig, "chu-tich", name=f"chủ tịch {next(NUMBERS)}")
    with rig.database.write() as connection:
        aims = {name.replace("_", " "): number for name, number in targets.items()}
        return campaigns.begin(connection, who, "ha-dong", new, aims, VILLAGES, rig.clock.now_ms())


def send(
    rig: Rig, campaign_id: int, village: str, state: str = "submitted", commune: str = "ha-dong", **more: object
) -> None:
    number = next(NUMBERS)
    rig.put(
        "case_file", key=f"key-{number}", code=f"SK-{number:06}", kind="initiative", commune_id=commune, oa_id=OUR_OA,
        user_id="1", state=state, category="khac", village=village, source="zalo", campaign_id=str(campaign_id),
        gist_sealed=b"-", words_sealed=b"-", created_ms=rig.clock.now_ms(), updated_ms=rig.clock.now_ms(), **more,
    )  # fmt: skip


def test_progress_by_village_against_its_aim(rig: Rig) -> None:
    campaign_id = begin(rig, thôn_đông=2, thôn_đoài=1, thôn_trung=1)
    send(rig, campaign_id, "thôn đông", state="recognised")
    send(rig, campaign_id, "thôn đoài", merged_into="SK-OTHER2")
    send(rig, campaign_id, "thôn đoài", state="scaled")
    send(rig, campaign_id, "")
    send(rig, campaign_id, "thôn đông", commune="ha-bac")
    with rig.database.read() as connection:
        (one,) = campaigns.progress(connection, "ha-dong", VILLAGES)
        assert campaigns.progress(connection, "ha-bac", VILLAGES) == []
    found = {line.village: (line.target, line.came.sent, line.came.recognised, line.missing) for line in one.villages}
    assert list(found) == [*VILLAGES, ""]
    assert list(found.values()) == [(2, 1, 1, 1), (1, 2, 1, 0), (1, 0, 0, 1), (0, 1, 0, 0)]
    assert (one.came, one.target, one.villages_done) == (Came(4, 2), 4, 1)


def test_a_campaign_without_villages_has_one_aim(rig: Rig) -> None:
    campaign_id = begin(rig, replace(EACH_VILLAGE, kind="staff", title="Mỗi cán bộ một sáng kiến", target=20))
    send(rig, campaign_id, "thôn đông")
    with rig.database.read() as connection:
        one = campaigns.progress_of(connection, "ha-dong", campaign_id, VILLAGES)
        assert campaigns.progress_of(connection, "ha-bac", campaign_id, VILLAGES) is None
    assert one is not None
    assert (one.target, one.came.sent, [line.village for line in one.villages]) == (20, 1, ["thôn đông"])


@pytest.mark.parametrize(
    ("day", "is_offered"),
    [((2026, 10, 31), False), ((2026, 11, 1), True), ((2026, 12, 31), True), ((2027, 1, 1), False)],
)
def test_the_chat_offers_it_from_its_first_day_to_its_last(
    day: tuple[int, int, int], is_offered: bool, sqlite_rig: Rig
) -> None:
    campaign_id = begin(sqlite_rig)
    with sqlite_rig.database.read() as connection:
        offered = campaigns.open_today(connection, "ha-dong", date(*day))
        assert campaigns.open_today(connection, "ha-bac", date(*day)) == []
        one = campaigns.progress_of(connection, "ha-dong", campaign_id, VILLAGES)
    assert [each.title for each in offered] == (["Mỗi thôn một sáng kiến"] if is_offered else [])
    assert one is not None and one.campaign.is_open(date(*day)) is is_offered


def test_closed_by_hand_it_is_offered_no_more_until_opened_again(rig: Rig) -> None:
    campaign_id = begin(rig, replace(EACH_VILLAGE, ends=None))
    who = make_official(rig, "van-phong")
    today = date(2026, 11, 22)
    for version, closed in ((1, True), (2, False)):
        with rig.database.write() as connection:
            campaigns.set_closed(connection, who, "ha-dong", campaign_id, version, closed, rig.clock.now_ms())
            assert campaigns.open_today(connection, "ha-dong", today) == [] or not closed
            with pytest.raises(CampaignProblem, match="changed"):
                campaigns.set_closed(connection, who, "ha-dong", campaign_id, version, closed, rig.clock.now_ms())
    with rig.database.read() as connection:
        assert len(campaigns.open_today(connection, "ha-dong", today)) == 1


def test_the_second_of_two_who_rewrite_it_is_told(rig: Rig) -> None:
    campaign_id = begin(rig, thôn_đông=2)
    who = make_official(rig, "van-hoa-xa-hoi")
    changed = replace(EACH_VILLAGE, title="Mỗi thôn một ý tưởng")
    with rig.database.write() as connection:
        campaigns.change(connection, who, "ha-dong", campaign_id, 1, changed, {"thôn đoài": 3}, VILLAGES, 5)
    with rig.database.write() as connection, pytest.raises(CampaignProblem, match="changed"):
        campaigns.change(connection, who, "ha-dong", campaign_id, 1, EACH_VILLAGE, {}, VILLAGES, 6)
    stranger = make_official(rig, "chu-tich", commune="ha-bac")
    with rig.database.write() as connection, pytest.raises(CampaignProblem, match="unknown"):
        campaigns.change(connection, stranger, "ha-bac", campaign_id, 2, EACH_VILLAGE, {}, VILLAGES, 6)
    with rig.database.read() as connection:
        one = campaigns.progress_of(connection, "ha-dong", campaign_id, VILLAGES)
    assert one is not None
    assert one.campaign.title == "Mỗi thôn một ý tưởng"
    assert {line.village: line.target for line in one.villages if line.target} == {"thôn đoài": 3}
    row = next(row for row in rig.rows("audit") if row.act == "campaign.change")
    assert json.loads(row.before)["villages"] == {"thôn đông": 2}
    assert json.loads(row.after)["title"] == "Mỗi thôn một ý tưởng"


@pytest.mark.parametrize(
    ("change", "targets", "reason"),
    [
        ({"title": " "}, {}, "title"),
        ({"kind": "other"}, {}, "kind"),
        ({"ends": date(2026, 10, 1)}, {}, "days"),
        ({"target": -1}, {}, "target"),
        ({"about": "a" * 2001}, {}, "about"),
        ({}, {"thôn lạ": 1}, "unknown_village"),
        ({}, {"thôn đông": 10_001}, "target"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    change: dict[str, object], targets: dict[str, int], reason: str, sqlite_rig: Rig
) -> None:
    who = make_official(sqlite_rig, "chu-tich")
    new = replace(EACH_VILLAGE, **change)  # type: ignore[arg-type]
    with sqlite_rig.database.write() as connection, pytest.raises(CampaignProblem) as refused:
        campaigns.begin(connection, who, "ha-dong", new, targets, VILLAGES, 1)
    assert refused.value.reason == reason
    assert sqlite_rig.rows("campaign") == []


@pytest.mark.parametrize("role", ["kinh-te", "thon", "truyen-thong"])
def test_only_who_calls_councils_runs_campaigns(role: str, sqlite_rig: Rig) -> None:
    who = make_official(sqlite_rig, role)
    with sqlite_rig.database.write() as connection, pytest.raises(NotAllowed):
        campaigns.begin(connection, who, "ha-dong", EACH_VILLAGE, {}, VILLAGES, 1)


def test_the_page_asks_the_same_number_of_questions_for_many(sqlite_rig: Rig) -> None:
    seen: list[str] = []

    def look() -> int:
        seen.clear()
        with sqlite_rig.database.read() as connection:
            campaigns.progress(connection, "ha-dong", VILLAGES)
        return len([statement for statement in seen if statement.startswith("SELECT")])

    event.listen(
        sqlite_rig.database.reader, "before_cursor_execute", lambda _c, _cu, statement, *_: seen.append(statement)
    )
    first = begin(sqlite_rig, thôn_đông=1)
    few = look()
    for _ in range(3):
        send(sqlite_rig, first, "thôn đông")
        begin(sqlite_rig, thôn_đoài=1)
    assert look() == few == 3
