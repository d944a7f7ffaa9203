"""Staff's edits over the packaged answers: dated, newest first, never overwritten by a release, conflicts named."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from edit_making import LIBRARY, TODAY, TOPIC, an_edit, overlay

import knowledge
from knowledge.overlay import PROFILE, Overlay, known, packaged

MARCH = date(2027, 3, 1)


def told(edited: Overlay, facet: str = "fee", on: date = TODAY, topic: str = "to-cong-nghe-so") -> str:
    return LIBRARY.answer(topic, facet, edited.commune_on(on), on).text


def test_an_approved_edit_goes_before_the_packaged_text() -> None:
    text = told(overlay(an_edit(text="Không thu tiền, {commune} lo.")))
    assert text == ("Không thu tiền, xã Hà Đông lo.\n\nNguồn: Thông báo số 5/TB-UBND · Cập nhật 22/11/2026")


def test_other_parts_other_topics_and_other_communes_stay_as_packaged() -> None:
    edited = overlay(an_edit())
    plain = overlay()
    assert told(edited, "papers") == told(plain, "papers")
    assert told(edited, "fee", topic="khai-sinh") == told(plain, "fee", topic="khai-sinh")
    assert "Không thu tiền" not in told(overlay(commune="ha-bac"))


def test_an_edit_holds_between_its_days_and_is_announced_before() -> None:
    edited = overlay(an_edit(text="Mức mới.", valid_from=MARCH, valid_until=date(2027, 3, 31)))
    assert told(edited, on=date(2026, 12, 1)) == told(overlay(), on=date(2026, 12, 1))
    assert "Sắp đổi, từ 01/03/2027 sẽ là:\nMức mới." in told(edited, on=date(2027, 2, 1))
    assert told(edited, on=MARCH).startswith("Mức mới.")
    assert told(edited, on=date(2027, 3, 31)).startswith("Mức mới.")
    assert "Mức mới." not in told(edited, on=date(2027, 4, 1))


def test_of_two_edits_the_one_approved_later_wins() -> None:
    first, second = an_edit(id=1, text="Một.", order=20), an_edit(id=2, text="Hai.", order=10)
    assert told(overlay(first, second)).startswith("Một.")
    assert told(overlay(second, first)).startswith("Một.")


def test_an_empty_edit_gives_the_packaged_wording_back() -> None:
    edited = overlay(an_edit(id=1), an_edit(id=2, text="", valid_from=MARCH))
    assert told(edited).startswith("Không thu tiền.")
    assert told(edited, on=MARCH) == told(overlay(), on=MARCH)


def test_staff_may_add_a_part_the_topic_lacks() -> None:
    assert "late" not in LIBRARY.topics["to-cong-nghe-so"].facets
    edited = overlay(an_edit(field="late", text="Không có hạn."))
    given = LIBRARY.answer("to-cong-nghe-so", "late", edited.commune_on(TODAY), TODAY)
    assert given.facet == "late" and not given.asked_facet_missing
    assert "late" in LIBRARY.answer("to-cong-nghe-so", None, edited.commune_on(TODAY), TODAY).other_facets
    later = overlay(an_edit(field="late", text="Không có hạn.", valid_from=MARCH))
    assert LIBRARY.answer("to-cong-nghe-so", "late", later.commune_on(TODAY), TODAY).asked_facet_missing


def test_an_edit_not_looked_at_for_long_says_since_when() -> None:
    edited = overlay(an_edit(as_of=date(2026, 11, 1)))
    interval = LIBRARY.topics["to-cong-nghe-so"].review_by - LIBRARY.topics["to-cong-nghe-so"].as_of
    due = date(2026, 11, 1) + interval
    assert "chưa được rà soát" not in told(edited, on=due)
    late = date.fromordinal(due.toordinal() + 1)
    assert "chưa được rà soát lại từ 01/11/2026" in told(edited, on=late)
    assert ("to-cong-nghe-so", date(2026, 11, 1)) in edited.overdue(late)
    assert overlay().overdue(TODAY) == []


def test_a_fresh_edit_is_not_late_because_the_packaged_text_is() -> None:
    on = date(2028, 1, 1)
    assert "chưa được rà soát" in told(overlay(), on=on)
    assert "chưa được rà soát" not in told(overlay(an_edit(as_of=date(2027, 12, 1))), on=on)


def test_profile_values_are_dated_too() -> None:
    summer = an_edit(PROFILE, "desk_hours", "7 giờ đến 11 giờ", valid_from=MARCH, valid_until=date(2027, 9, 1), id=2)
    edited = overlay(an_edit(PROFILE, "desk_hours", "8 giờ đến 12 giờ"), summer)
    assert edited.commune_on(TODAY).contact.desk_hours == "8 giờ đến 12 giờ"
    assert edited.commune_on(MARCH).contact.desk_hours == "7 giờ đến 11 giờ"
    assert edited.commune_on(date(2027, 9, 2)).contact.desk_hours == "8 giờ đến 12 giờ"
    assert "giờ làm việc: 7 giờ" in edited.commune_on(MARCH).fill("{desk_contact}").casefold()


def test_units_and_lists_of_the_profile_are_edited() -> None:
    village = {"name": "Thôn Một", "leader": "Trưởng thôn", "contact": "", "rules": "Không đốt rơm."}
    edited = overlay(
        an_edit(PROFILE, "unit.culture_unit", "Phòng Văn hóa", id=1),
        an_edit(PROFILE, "villages.thôn một", json.dumps(village, ensure_ascii=False), id=2),
        an_edit(PROFILE, "help_points.nhà văn hóa", json.dumps({"place": "Nhà văn hóa", "days": "thứ Bảy"}), id=3),
    ).commune_on(TODAY)
    assert edited.unit_name("culture_unit") == "Phòng Văn hóa xã Hà Đông"
    assert edited.items("villages") == (village,)
    assert edited.missing_lists() == [("volunteers", "Người trong Tổ công nghệ số"), ("groups", "Nhóm thông tin")]
    text = LIBRARY.answer("to-cong-nghe-so", "place", edited, TODAY).text
    assert "• Điểm hỗ trợ số: Nhà văn hóa, thứ Bảy" in text
    assert "Xã chưa cập nhật ở đây: người trong Tổ công nghệ số." in text


def test_an_item_of_the_plan_may_be_changed_and_taken_off_keeping_the_order() -> None:
    first, second = LIBRARY.communes["kien-minh"].items("annual_events")
    renamed = json.dumps({**first, "name": "Ngày Sáng tạo"}, ensure_ascii=False)
    field = f"annual_events.{first['day']}"
    base = packaged(LIBRARY, LIBRARY.communes["kien-minh"], PROFILE, field)
    assert json.loads(base[0].text) == first
    changed = overlay(an_edit(PROFILE, field, renamed), commune="kien-minh").commune_on(TODAY)
    assert [item["name"] for item in changed.items("annual_events")] == ["Ngày Sáng tạo", second["name"]]
    removed = overlay(an_edit(PROFILE, field, ""), commune="kien-minh").commune_on(TODAY)
    assert removed.items("annual_events") == (second,)


@pytest.mark.parametrize(
    ("subject", "field"),
    [("topic:ly-hon", "fee"), (TOPIC, "price"), (PROFILE, "fax"), (PROFILE, "unit.mayor"), (PROFILE, "villages."),
     ("weather", "fee")],
)  # fmt: skip
def test_what_cannot_be_edited_is_known(subject: str, field: str) -> None:
    assert not known(LIBRARY, subject, field)
    with pytest.raises(KeyError):
        packaged(LIBRARY, LIBRARY.communes["ha-dong"], subject, field)


# --- a release brings another text ---


def released(folder: Path, topic: dict[str, Any]) -> knowledge.Library:
    path = folder / "topics/ho-tich/khai-sinh.yaml"
    path.write_text(yaml.safe_dump(topic, allow_unicode=True), encoding="utf-8")
    return knowledge.load_from(folder)


def test_a_release_never_overwrites_an_edit_and_the_conflict_is_listed(
    folder: Path, topic_content: dict[str, Any]
) -> None:
    before = released(folder, topic_content)
    commune = before.communes["ha-dong"]
    digest = Overlay(before, commune).base_digest("topic:khai-sinh", "fee")
    edit = an_edit("topic:khai-sinh", "fee", "Lời của xã.", base_digest=digest)
    assert Overlay(before, commune, [edit]).conflicts(TODAY) == []

    topic_content["facets"]["fee"]["text"] = "Lời mới của bản phát hành."
    after = released(folder, topic_content)
    edited = Overlay(after, commune, [edit])
    assert after.answer("khai-sinh", "fee", edited.commune_on(TODAY), TODAY).text.startswith("Lời của xã.")
    (conflict,) = edited.conflicts(TODAY)
    assert (conflict.edit_id, conflict.gone) == (1, False)
    assert (conflict.edited_text, conflict.packaged_text) == ("Lời của xã.", "Lời mới của bản phát hành.")

    kept = an_edit("topic:khai-sinh", "fee", "Lời của xã.", id=2,
                   base_digest=edited.base_digest("topic:khai-sinh", "fee"))  # fmt: skip
    assert Overlay(after, commune, [edit, kept]).conflicts(TODAY) == []


def test_a_mere_new_look_of_the_release_is_no_conflict(folder: Path, topic_content: dict[str, Any]) -> None:
    before = released(folder, topic_content)
    digest = Overlay(before, before.communes["ha-dong"]).base_digest("topic:khai-sinh", "fee")
    after = released(folder, {**topic_content, "as_of": "2027-01-05", "review_by": "2027-07-05"})
    edit = an_edit("topic:khai-sinh", "fee", "Lời của xã.", base_digest=digest)
    assert Overlay(after, after.communes["ha-dong"], [edit]).conflicts(TODAY) == []


def test_an_edit_that_is_over_is_no_conflict() -> None:
    over = an_edit(base_digest="another", valid_until=date(2026, 11, 21))
    assert overlay(over).conflicts(TODAY) == []
    assert len(overlay(over).conflicts(date(2026, 11, 21))) == 1


def test_an_edit_of_a_topic_the_release_dropped_is_named_and_harms_nothing() -> None:
    edited = overlay(an_edit("topic:khong-con", "fee", "Lời.", base_digest="x"))
    (conflict,) = edited.conflicts(TODAY)
    assert conflict.gone and conflict.edited_text == "Lời."
    assert told(edited) == told(overlay())
