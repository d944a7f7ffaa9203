"""Marks: kept once with what they are about, told more of by a reason, and made into figures; hints name nobody."""

from __future__ import annotations

from rig import Rig
from voices_acting import COMMUNE, NAM, TU, do, filed

from bot.casework import volunteers
from bot.casework.ratings import REASON_WAIT_MS
from bot.conversation.acts import Contact, EnrolVolunteer, FileReport, LearningHint, Place, Rate
from bot.people import Person
from bot.store import hints, ratings

DAY = 86_400_000


def _figures(rig: Rig, by: ratings.GroupBy | None = None, commune: str | None = COMMUNE) -> list[ratings.Satisfaction]:
    with rig.database.read() as connection:
        return ratings.satisfaction(connection, commune, rig.clock.now_ms() - DAY, rig.clock.now_ms() + 1, by)


def test_a_mark_is_kept_once_with_its_words_masked_and_sealed(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    do(rig, filed(rig, Rate(2, "desk", "slow", "Chờ lâu, gọi tôi 0912345678")))
    row = rig.row("rating")
    assert (row.mark, row.channel, row.reason, row.commune_id) == (2, "desk", "slow", COMMUNE)
    words = rig.vault.decrypt(row.words_sealed, ratings.WORDS)
    assert words.startswith("Chờ lâu") and "0912345678" not in words


def test_a_reason_told_after_the_mark_is_laid_beside_it(rig: Rig) -> None:
    do(rig, filed(rig, Rate(2, "chat", topic="khai-sinh", facet="fee")))
    do(rig, filed(rig, Rate(2, "chat", "wrong", topic="khai-sinh", facet="fee")))
    do(rig, filed(rig, Rate(2, "chat", words="Lệ phí cũ rồi", topic="khai-sinh", facet="fee")))
    row = rig.row("rating")
    assert row.reason == "wrong" and rig.vault.decrypt(row.words_sealed, ratings.WORDS) == "Lệ phí cũ rồi"
    for other in (
        filed(rig, Rate(2, "chat", "wrong", topic="ket-hon", facet="fee")),
        filed(rig, Rate(2, "chat", "wrong", topic="khai-sinh", facet="fee"), NAM),
    ):
        do(rig, other)
    assert len(rig.rows("rating")) == 3
    rig.clock.pass_ms(REASON_WAIT_MS + 1)
    do(rig, filed(rig, Rate(2, "chat", "unclear", topic="khai-sinh", facet="fee")))
    assert len(rig.rows("rating")) == 4


def test_a_mark_out_of_range_is_brought_into_it(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    do(rig, filed(rig, Rate(9, "desk")), filed(rig, Rate(-3, "desk"), NAM))
    assert sorted(row.mark for row in rig.rows("rating")) == [1, 5]


def test_a_mark_of_a_case_has_its_unit_and_village_and_stands_in_the_case(rig: Rig) -> None:
    report = FileReport("PA-7K3M9X", "lighting", "Đèn đường hỏng", Place("thôn đoài"), Contact(anonymous=True))
    do(rig, filed(rig, report))
    do(rig, filed(rig, Rate(4, "case", case_code="PA-7K3M9X")))
    row, case = rig.row("rating"), rig.row("case_file")
    assert (row.unit, row.village) == (case.unit, "thôn đoài")
    assert rig.row("case_person").mark == 4
    do(rig, filed(rig, Rate(1, "case", case_code="PA-7K3M9X"), NAM))
    assert rig.row("case_person").mark == 4
    assert [(one.unit, one.village) for one in rig.rows("rating")][1] == ("", "")


def test_a_members_mark_is_their_villages(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    with rig.database.write() as connection:
        code = volunteers.issue_code(connection, rig.vault, None, COMMUNE, "Thôn Đoài", rig.clock.now_ms(), 1)
    do(rig, filed(rig, EnrolVolunteer(code)), filed(rig, Rate(5, "desk")))
    assert rig.row("rating").village == "thôn đoài"


def test_figures_by_group(rig: Rig) -> None:
    for number, (mark, channel, topic) in enumerate(
        [(5, "chat", "khai-sinh"), (4, "chat", "khai-sinh"), (2, "chat", "ket-hon"), (1, "desk", "")]
    ):
        do(rig, filed(rig, Rate(mark, channel, topic=topic), Person(TU.oa_id, f"rater-{number}")))  # type: ignore[arg-type]
    (all_together,) = _figures(rig)
    assert (all_together.count, all_together.mean, all_together.satisfied_percent) == (4, 3.0, 50.0)
    assert [(one.group, one.count, one.mean) for one in _figures(rig, "topic")] == [
        ("khai-sinh", 2, 4.5), ("", 1, 1.0), ("ket-hon", 1, 2.0),
    ]  # fmt: skip
    assert {one.group: one.satisfied_percent for one in _figures(rig, "channel")} == {"chat": 66.7, "desk": 0.0}
    assert _figures(rig, commune="dai-son") == []
    assert len(_figures(rig, commune=None)) == 1
    rig.clock.pass_ms(2 * DAY)
    assert _figures(rig) == []


def test_staff_read_marks_with_their_words(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    do(rig, filed(rig, Rate(1, "desk", "manner", "Nói to")))
    with rig.database.read() as connection:
        (view,) = ratings.list_ratings(connection, rig.vault, COMMUNE, 0, rig.clock.now_ms() + 1)
        assert ratings.list_ratings(connection, rig.vault, "dai-son", 0, rig.clock.now_ms() + 1) == []
    assert (view.mark, view.words, view.reason) == (1, "Nói to", "manner")


def test_a_hint_is_normalised_masked_and_nobodys(rig: Rig) -> None:
    do(rig, filed(rig, LearningHint("not_that", "Làm LẠI thẻ bhyt số 0912345678", "ket-hon", "bao-hiem-y-te")))
    row = rig.row("learning_hint")
    assert TU.user_id not in repr(row)
    with rig.database.read() as connection:
        (hint,) = hints.list_hints(connection, rig.vault, COMMUNE, 0)
    assert (hint.kind, hint.wrong_topic, hint.right_topic) == ("not_that", "ket-hon", "bao-hiem-y-te")
    assert "làm lại thẻ" in hint.text and "0912345678" not in hint.text
