"""Imported procedures in the store, and the worker's view of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rig import Rig

from bot.journal.procedures_in_force import LOOK_SECONDS, ProceduresInForce, index_of, known_to
from bot.store import procedures
from bot.store.procedures import EVERY_COMMUNE
from knowledge import portal
from knowledge.portal import Listing
from knowledge.portal.records import read_record

RECORD = read_record((Path(__file__).parents[1] / "knowledge/samples/portal-record.json").read_text("utf-8"))
LISTING = Listing(code="1.999901", name="Đăng ký việc mới của xã", as_of=date(2026, 11, 21))
NOW_MS = 1_795_323_600_000


def _save(rig: Rig, owner: str = EVERY_COMMUNE, now_ms: int = NOW_MS, record: portal.Record = RECORD) -> int:
    with rig.database.write() as connection:
        written = procedures.save_listings(connection, owner, [LISTING], "list.tsv", now_ms)
        return written + procedures.save_records(connection, owner, [record], "record.json", now_ms)


def _approve(rig: Rig, facet: str, owner: str = EVERY_COMMUNE) -> bool:
    with rig.database.write() as connection:
        return procedures.approve(connection, owner, RECORD.code, facet, "can.bo@xa.vn", NOW_MS)


def test_what_was_saved_comes_back_and_saving_it_again_writes_nothing(rig: Rig) -> None:
    assert _save(rig) == 2
    assert _save(rig, now_ms=NOW_MS + 1) == 0
    with rig.database.read() as connection:
        assert procedures.listings(connection, EVERY_COMMUNE) == {LISTING.code: LISTING}
        assert procedures.records(connection, EVERY_COMMUNE) == {RECORD.code: RECORD}
        assert procedures.listings(connection, "ha-dong") == {}
        assert {draft.state for draft in procedures.drafts(connection)} == {"draft"}
        assert procedures.approved(connection, EVERY_COMMUNE) == {}


def test_only_an_approved_part_is_shown_and_changed_words_need_approval_anew(rig: Rig) -> None:
    _save(rig)
    assert _approve(rig, "fee") and _approve(rig, "papers")
    assert not _approve(rig, "place")
    assert not _approve(rig, "fee", owner="ha-dong")
    with rig.database.read() as connection:
        shown = index_of(connection, "ha-dong").procedures[RECORD.code]
        assert sorted(shown.facets) == ["fee", "papers"]
        assert procedures.drafts(connection, code=RECORD.code)[0].approved_by == "can.bo@xa.vn"
    _save(rig, record=replace(RECORD, facets={**RECORD.facets, "fee": "Theo Cổng:\n• 5.000 đồng"}))
    with rig.database.read() as connection:
        assert sorted(index_of(connection, "ha-dong").procedures[RECORD.code].facets) == ["papers"]
    _save(rig, record=replace(RECORD, facets={"time": RECORD.facets["time"]}))
    with rig.database.read() as connection:
        assert [draft.facet for draft in procedures.drafts(connection)] == ["time"]


def test_a_communes_own_row_goes_before_the_citys(rig: Rig) -> None:
    _save(rig)
    own = replace(LISTING, name="Tên riêng của xã")
    with rig.database.write() as connection:
        procedures.save_listings(connection, "ha-dong", [own], "own.tsv", NOW_MS)
    with rig.database.read() as connection:
        assert known_to(connection, "ha-dong")[0][LISTING.code] == own
        assert known_to(connection, "kien-minh")[0][LISTING.code] == LISTING
        assert len(known_to(connection, "kien-minh")[0]) == len(portal.packaged_listings()) + 1


@pytest.mark.parametrize("now_ms", [NOW_MS + 1000, NOW_MS - 1_000_000], ids=["clock goes on", "clock set back"])
def test_the_version_moves_with_every_change(rig: Rig, now_ms: int) -> None:
    versions = []

    def look() -> None:
        with rig.database.read() as connection:
            versions.append(procedures.version(connection))

    look()
    _save(rig)
    look()
    _approve(rig, "fee")
    look()
    _save(rig, now_ms=now_ms, record=replace(RECORD, fees=(1,)))
    look()
    assert versions[0] == (0, 0)
    assert len(set(versions)) == 4


def test_a_worker_sees_an_import_within_a_look_and_asks_no_oftener(rig: Rig) -> None:
    moment = [100.0]
    in_force = ProceduresInForce(rig.database, lambda: moment[0])
    assert in_force.index("ha-dong").by_code(LISTING.code) is None
    _save(rig)
    moment[0] += LOOK_SECONDS / 2
    assert in_force.index("ha-dong").by_code(LISTING.code) is None
    moment[0] += LOOK_SECONDS
    assert in_force.index("ha-dong").by_code(LISTING.code) is not None
    same = in_force.index("ha-dong")
    moment[0] += LOOK_SECONDS * 2
    assert in_force.index("kien-minh") is same


def test_without_a_database_the_packaged_list_is_known() -> None:
    assert ProceduresInForce().index("ha-dong") is portal.packaged_index()
