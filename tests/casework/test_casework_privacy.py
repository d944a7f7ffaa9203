"""Consent, the choice about announcements, what a person is shown of theirs, and forgetting all of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from casework_people import make_official
from rig import NOON_MS, OTHER_OA, OUR_OA, RESIDENT, Rig
from sqlalchemy import insert, literal, select
from voices_acting import COMMUNE, NAM, TU, do, filed, told

from bot.casework import acts, privacy, volunteers
from bot.casework.desk import StoreDesk
from bot.conversation.acts import (
    AddToCase,
    ChooseAnnouncements,
    Contact,
    EnrolVolunteer,
    EraseMyData,
    FileInitiative,
    FileReport,
    FileTeamReport,
    ForwardQuestion,
    GiveConsent,
    JoinReport,
    LinkForward,
    Place,
    QueueForPerson,
    Rate,
    SentThing,
)
from bot.people import Person
from bot.store import consents, erasing, residents, staff_requests, tables
from bot.store.residents import ResidentChange
from bot.store.staff_requests import NewRequest

RECEIPT = "XD-7K3M9X"
REPORT, IDEA, JOINED, LINK = "PA-2345AC", "SK-2345AC", "PA-99ABCD", "CG-7K3M9X"
NAME, PHONE, WORDS = "Trần Văn Thử", "0987654321", "cột đèn cạnh nhà văn hóa"

NAMES_NOBODY = {
    "echo": "Zalo's own receipt of a send, kept two days to settle doubts; no words",
    "inbox": "the event's key, so that a late copy is known; its body is forgotten once handled",
    "outbox": "the send's key for 90 days; its words are blanked",
}
"""Tables with a user's id in which a row may outlive the person, and why."""
FORGOTTEN = {
    "resident", "staff_request", "broadcast_recipient", "broadcast_receipt", "resident_tag", "event_sign_up",
    "case_file", "case_person", "volunteer", "forward", "team_report", "rating", "consent", "announcement_choice",
    "handover", "conversation_line", "attachment",
}  # fmt: skip
"""Tables out of which erasing takes the person; :func:`_live_a_life` fills each."""


def test_consent_is_kept_once_for_each_scope(rig: Rig) -> None:
    desk = StoreDesk(rig.database, rig.vault, rig.clock)
    assert not desk.has_consented(TU)
    do(rig, filed(rig, GiveConsent("report")), filed(rig, GiveConsent("forward")))
    assert desk.has_consented(TU) and not desk.has_consented(NAM)
    assert {row.scope: row.given_ms for row in rig.rows("consent")} == {"report": NOON_MS, "forward": NOON_MS}


def test_the_latest_choice_about_announcements_counts(rig: Rig) -> None:
    no, yes = filed(rig, ChooseAnnouncements(False)), filed(rig, ChooseAnnouncements(True))
    do(rig, no)
    with rig.database.read() as connection:
        assert not consents.wants_announcements(connection, TU) and consents.wants_announcements(connection, NAM)
        assert list(connection.execute(consents.opted_out(connection, OUR_OA)).scalars()) == [RESIDENT]
        assert list(connection.execute(consents.opted_out(connection, OTHER_OA)).scalars()) == []
    rig.clock.pass_ms(1000)
    do(rig, filed(rig, ChooseAnnouncements(True)))
    do(rig, no, yes)  # older ones, handled late
    with rig.database.read() as connection:
        assert consents.wants_announcements(connection, TU)


def test_opted_out_can_stand_in_an_insert(rig: Rig) -> None:
    do(rig, filed(rig, ChooseAnnouncements(False)))
    _known(rig, TU)
    _known(rig, NAM)
    tag, person = tables.metadata.tables["resident_tag"], tables.resident
    with rig.database.write() as connection:
        wanted = select(
            person.c.oa_id, person.c.user_id, literal("t"), literal(COMMUNE), literal("by"), literal(1)
        ).where(person.c.user_id.not_in(consents.opted_out(connection, OUR_OA)))
        names = ["oa_id", "user_id", "tag", "commune_id", "tagged_by", "tagged_ms"]
        connection.execute(insert(tag).from_select(names, wanted))
    assert [row.user_id for row in rig.rows("resident_tag")] == [NAM.user_id]


def _known(rig: Rig, person: Person) -> None:
    with rig.database.write() as connection:
        change = ResidentChange(person.oa_id, person.user_id, rig.clock.now_ms(), rig.clock.now_ms())
        residents.apply(connection, [change])


def _live_a_life(rig: Rig) -> None:
    """Everything somebody may leave behind, and as much of somebody else's."""
    with rig.database.write() as connection:
        code = volunteers.issue_code(connection, rig.vault, None, COMMUNE, "Thôn Đoài", NOON_MS, 14)
        theirs = NewRequest("in:900:0", OUR_OA, COMMUNE, RESIDENT, "unanswered", "Hỏi về " + WORDS, (), NOON_MS)
        staff_requests.add(connection, rig.vault, [theirs])
    _known(rig, TU)
    _known(rig, NAM)
    contact, photo = Contact(NAME, PHONE), (SentThing("image", "https://photo.example/1.jpg"),)
    place = Place("thôn đoài", "đầu ngõ")
    report = FileReport(REPORT, "lighting", f"Hỏng {WORDS}", place, contact, things=photo)
    idea = FileInitiative(
        IDEA, "Sổ chung", WORDS, "làm", "lợi", "dich-vu-so", "resident", "idea", contact, co_authors=NAME
    )
    do(
        rig,
        filed(rig, EnrolVolunteer(code)),
        filed(rig, GiveConsent("report")),
        filed(rig, ChooseAnnouncements(True)),
        filed(rig, report),
        filed(rig, AddToCase(REPORT, "Vẫn hỏng")),
        filed(rig, idea),
        filed(rig, FileReport(JOINED, "road", "Đường ngập", Place("thôn đông"), Contact("Lê Thử", "0911222333")), NAM),
        filed(rig, JoinReport(JOINED, f"Tôi cũng thấy, {WORDS}")),
        filed(rig, AddToCase(JOINED, f"Thêm một điều, {WORDS}")),
        filed(rig, ForwardQuestion(LINK, WORDS, NAME, "thôn đoài", PHONE)),
        filed(rig, ForwardQuestion("CG-23456A", "Hỏi giúp", NAME, "thôn đông", PHONE), NAM),
        filed(rig, LinkForward("CG-23456A")),
        filed(rig, FileTeamReport(1, 2, "Máy cũ")),
        filed(rig, Rate(2, "desk", "slow", WORDS)),
        filed(rig, QueueForPerson(WORDS, "")),
    )
    rig.put("resident_tag", oa_id=OUR_OA, user_id=RESIDENT, tag="t", commune_id=COMMUNE, tagged_by="x", tagged_ms=1)
    rig.put("event", commune_id=COMMUNE, kind="class", title="Lớp", place="", starts_ms=1, taken=1, state="planned",
            author="x", created_ms=1, updated_ms=1)  # fmt: skip
    rig.put("event_sign_up", event_id=1, oa_id=OUR_OA, user_id=RESIDENT, commune_id=COMMUNE, state="in", signed_ms=1,
            name_sealed=rig.vault.encrypt(NAME, "event_sign_up.name"))  # fmt: skip
    rig.put("broadcast_recipient", broadcast_id=1, revision=1, user_id=RESIDENT, commune_id=COMMUNE)
    rig.put("broadcast_receipt", broadcast_id=1, user_id=RESIDENT, kind="seen", commune_id=COMMUNE, at_ms=1)


def _opened(rig: Rig) -> str:
    """Every sealed value of the database, opened, beside everything else."""
    found = []
    for name, table in tables.metadata.tables.items():
        for row in rig.rows(name):
            for column, value in row._mapping.items():
                found.append(str(value))
                if column.endswith("_sealed") and value is not None:
                    context = f"{table.name}.{column.removesuffix('_sealed')}"
                    found.append(rig.vault.decrypt(value, context))
    return "\n".join(found)


def _erase(rig: Rig) -> None:
    do(rig, filed(rig, EraseMyData(RECEIPT)))


def test_everything_kept_is_shown_to_its_person_and_to_nobody_else(rig: Rig) -> None:
    _live_a_life(rig)
    desk = StoreDesk(rig.database, rig.vault, rig.clock)
    shown = "\n".join(desk.data_of(TU))
    for piece in (REPORT, IDEA, JOINED, LINK, NAME, PHONE, WORDS, "đầu ngõ", "Máy cũ", "2/5", "CG-23456A", "Lớp"):
        assert piece in shown, piece
    assert "Đường ngập" not in shown, "another's words about the case they joined"
    assert desk.data_of(Person(OTHER_OA, RESIDENT)) == []
    theirs = "\n".join(desk.data_of(NAM))
    assert JOINED in theirs and REPORT not in theirs


def test_nothing_of_a_forgotten_person_is_left_but_what_must_stay(rig: Rig) -> None:
    _live_a_life(rig)
    make_official(rig, "hanh-chinh-cong")
    filled = {name for name in FORGOTTEN if rig.rows(name)}
    assert filled | {"conversation_line"} == FORGOTTEN
    before = _opened(rig)
    assert NAME in before and PHONE in before and WORDS in before
    _close(rig, IDEA, "declined")
    _erase(rig)
    after = _opened(rig)
    assert PHONE not in after and NAME not in after
    assert "Tôi cũng thấy" in before and "Tôi cũng thấy" not in after
    left = {
        name
        for name, table in tables.metadata.tables.items()
        if "user_id" in table.c and any(row.user_id == RESIDENT for row in rig.rows(name))
    }
    assert left <= set(NAMES_NOBODY), left
    assert [row.neighbour_user_id for row in rig.rows("forward")] == [None, None]
    assert StoreDesk(rig.database, rig.vault, rig.clock).data_of(TU) == []
    assert rig.row("event").taken == 0
    proof = rig.row("erasure")
    assert (proof.receipt, proof.commune_id) == (RECEIPT, COMMUNE)
    assert json.loads(proof.counts)["cases"] == 2
    assert RESIDENT not in repr(proof)
    # Somebody must still mend the lamp: an open report keeps what and where, without who.
    report = next(row for row in rig.rows("case_file") if row.code == REPORT)
    assert WORDS in rig.vault.decrypt(report.words_sealed, "case_file.words")
    assert (report.contact_sealed, report.anonymous) == (None, True)
    idea = next(row for row in rig.rows("case_file") if row.code == IDEA)
    assert WORDS not in rig.vault.decrypt(idea.words_sealed, "case_file.words")
    # Of the other person everything stands.
    assert "Đường ngập" in after
    assert [row.user_id for row in rig.rows("case_person")] == [NAM.user_id]


def _close(rig: Rig, code: str, state: str) -> None:
    with rig.database.write() as connection:
        case = tables.metadata.tables["case_file"]
        connection.execute(case.update().where(case.c.code == code).values(state=state))


def test_an_open_case_is_blanked_once_it_is_closed(rig: Rig) -> None:
    _live_a_life(rig)
    _erase(rig)
    privacy.forget_closed_cases(rig.services(), "owner")
    report = next(row for row in rig.rows("case_file") if row.code == REPORT)
    assert WORDS in rig.vault.decrypt(report.words_sealed, "case_file.words")
    _close(rig, REPORT, "resolved")
    for _ in range(2):
        privacy.forget_closed_cases(rig.services(), "owner")
    report = next(row for row in rig.rows("case_file") if row.code == REPORT)
    assert rig.vault.decrypt(report.words_sealed, "case_file.words") == "{}"
    assert (report.place_sealed, report.user_id) == (None, "")
    other = next(row for row in rig.rows("case_file") if row.code == JOINED)
    assert "Đường ngập" in rig.vault.decrypt(other.words_sealed, "case_file.words")


def test_a_recognised_initiative_stays_the_communes_record_without_its_author(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _live_a_life(rig)
    _close(rig, IDEA, "recognised")
    _erase(rig)
    idea = next(row for row in rig.rows("case_file") if row.code == IDEA)
    words = rig.vault.decrypt(idea.words_sealed, "case_file.words")
    assert "Sổ chung" in words and NAME not in words
    assert idea.contact_sealed is None


def test_a_no_to_announcements_outlives_the_person_it_came_from(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    do(rig, filed(rig, ChooseAnnouncements(False)))
    _erase(rig)
    with rig.database.read() as connection:
        assert not consents.wants_announcements(connection, TU)


def test_the_receipt_still_goes_and_nothing_else(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.owe(rig.new_send("Mai có lớp"), rig.new_send("Đã xóa, biên nhận", key="in:77:0"))
    do(rig, filed(rig, EraseMyData(RECEIPT), key="in:77:1"))
    assert told(rig, TU) == ["Đã xóa, biên nhận"]


def test_a_neighbours_open_question_is_still_answered(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    do(rig, filed(rig, ForwardQuestion(LINK, "Xin cấp lại giấy", NAME, "thôn đoài", PHONE)))
    do(rig, filed(rig, LinkForward(LINK), NAM))
    _erase(rig)
    official = make_official(rig, "hanh-chinh-cong")
    with rig.database.write() as connection:
        volunteers.answer_forward(connection, rig.vault, official, COMMUNE, LINK, "Mời bác ra xã", NOON_MS)
    assert "Mời bác ra xã" in told(rig, NAM)[-1]
    assert told(rig, TU) == []
    assert PHONE not in _opened(rig)


def test_a_receipt_can_be_looked_up(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _erase(rig)
    with rig.database.read() as connection:
        found = erasing.find_erasure(connection, RECEIPT)
        assert found is not None and found["commune"] == COMMUNE and found["erased_ms"] == NOON_MS
        assert erasing.find_erasure(connection, "XD-222222") is None


def test_every_act_has_somebody_who_applies_it_or_waits_for_one() -> None:
    """An act without an applier stops the message it came with."""
    from typing import get_args

    from bot.conversation.acts import Act

    missing = {act.__name__ for act in get_args(Act) if act not in acts.APPLIERS}
    assert missing <= {"SignUp", "CancelSignUp"}, missing


def test_every_table_that_names_a_resident_is_dealt_with() -> None:
    """A new table with a resident's id must be forgotten too, or named here with the reason why not."""
    naming = {name for name, table in tables.metadata.tables.items() if any("user_id" in one.name for one in table.c)}
    assert naming == FORGOTTEN | set(NAMES_NOBODY)


@pytest.mark.parametrize("name", sorted(NAMES_NOBODY))
def test_the_exceptions_are_real_tables_with_a_reason(name: str) -> None:
    table: Any = tables.metadata.tables[name]
    assert "user_id" in table.c and NAMES_NOBODY[name]


@pytest.mark.parametrize("merged_first", [True, False])
def test_a_case_merged_into_another_keeps_nothing_of_a_forgotten_person(rig: Rig, merged_first: bool) -> None:
    _live_a_life(rig)
    for step in ("merge", "erase") if merged_first else ("erase", "merge"):
        if step == "erase":
            _erase(rig)
        else:
            with rig.database.write() as connection:
                case = tables.metadata.tables["case_file"]
                connection.execute(case.update().where(case.c.code == REPORT).values(merged_into=JOINED))
    privacy.forget_closed_cases(rig.services(), "owner")
    report = next(row for row in rig.rows("case_file") if row.code == REPORT)
    assert rig.vault.decrypt(report.words_sealed, "case_file.words") == "{}"
    assert (report.place_sealed, report.user_id) == (None, "")
