"""What the demo begins with: cases of five communes that an install could have got to by itself."""

from __future__ import annotations

from collections import Counter

import pytest
from rig import Rig

import knowledge
from bot import credentials
from bot.cases.categories import categories
from bot.cases.initiative_fields import initiative_fields
from bot.journal.states import OutboxState
from bot.store import staff
from bot.store.knowledge_edits import approved
from commands.demo_seeds import EMAIL_HOST, Seeds
from knowledge.overlay import Overlay

COMMUNES = ("ha-dong", "dai-son", "kien-minh", "le-dai-hanh", "ha-bac")


@pytest.fixture(scope="module")
def library() -> knowledge.Library:
    return knowledge.load()


@pytest.fixture
def seeds(sqlite_rig: Rig, library: knowledge.Library, monkeypatch: pytest.MonkeyPatch) -> Seeds:
    monkeypatch.setattr(credentials, "hash_password", lambda password: f"hash of {len(password)}")
    oa_ids = {slug: str(number) for number, slug in enumerate(COMMUNES, 1)}
    for slug, oa_id in oa_ids.items():
        sqlite_rig.connect_oa(oa_id, slug)
    return Seeds(sqlite_rig.services(), library, oa_ids, {slug: f"resident of {slug}" for slug in COMMUNES})


def test_five_communes_begin_with_cases_in_many_states(sqlite_rig: Rig, seeds: Seeds) -> None:
    rig = sqlite_rig
    accounts = seeds.sow()
    cases = rig.rows("case_file")
    kinds = Counter((row.kind, row.commune_id) for row in cases)
    assert {kinds["report", slug] for slug in COMMUNES} == {6}
    assert {kinds["initiative", slug] for slug in COMMUNES} == {3}
    states = {kind: {row.state for row in cases if row.kind == kind} for kind in ("report", "initiative")}
    assert states["report"] == {"received", "assigned", "waiting_resident", "resolved", "out_of_scope", "refused"}
    assert states["initiative"] >= {"submitted", "assessing", "trial", "recognised", "scaled", "declined"}
    assert {row.category for row in cases} <= {*categories(), *initiative_fields()}
    assert all(row.created_ms < row.updated_ms <= rig.clock.now_ms() or row.state in ("received", "submitted")
               for row in cases)  # fmt: skip
    assert {row.user_id for row in cases if row.user_id.startswith("resident of")} == {
        f"resident of {slug}" for slug in COMMUNES
    }
    assert len(rig.rows("volunteer")) >= 5
    assert len(rig.rows("forward")) == 6
    assert len(rig.rows("team_report")) == 3
    assert len(rig.rows("rating")) >= 5
    assert {row.state for row in rig.rows()} == {OutboxState.CANCELLED}, "nobody is told of what never happened"
    assert len({account.role for account in accounts}) == 10
    with rig.database.read() as connection:
        for account in accounts:
            found = staff.find(connection, account.email)
            assert found is not None
            assert (found.role, found.commune_id, found.must_change_password) == (
                account.role, account.commune_id, False,
            )  # fmt: skip
    assert {account.email.partition(".")[2] or EMAIL_HOST for account in accounts} >= {EMAIL_HOST}


def test_what_is_made_up_says_so(sqlite_rig: Rig, seeds: Seeds, library: knowledge.Library) -> None:
    seeds.sow()
    with sqlite_rig.database.read() as connection:
        edits = approved(connection)
    for slug in COMMUNES:
        profile = Overlay(library, library.communes[slug], edits[slug]).commune_on(sqlite_rig.clock.now().date())
        villages = [item["name"] for item in profile.items("villages")]
        assert len(villages) == 3
        assert all(name.endswith("(mẫu)") for name in villages)
    assert "(mẫu)" in seeds.data["sender"]
    assert all("(mẫu)" in row["for_whom"] for row in seeds.data["forwards"])


def test_sowing_twice_changes_nothing(sqlite_rig: Rig, seeds: Seeds) -> None:
    assert seeds.sow()
    once = sqlite_rig.everything()
    assert seeds.sow() == []
    assert sqlite_rig.everything() == once
