"""Packs: one commune's answers for another, whole or refused; no contact data travels."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from edit_making import LIBRARY, TODAY, TOPIC, an_edit, overlay

from knowledge.exchange_comparing import compare
from knowledge.overlay import PROFILE
from knowledge.pack import FORMAT, Packed, WrongPack, pack, read_pack, write_pack


def packed_into(path: Path, packed: Packed) -> Path:
    write_pack(packed.document, path)
    return path


def entries_of(packed: Packed) -> list[dict[str, Any]]:
    entries = packed.document["entries"]
    assert isinstance(entries, list)
    return entries


def test_another_commune_takes_a_pack_over_and_a_second_time_nothing(tmp_path: Path) -> None:
    march = date(2027, 3, 1)
    ours = overlay(
        an_edit(text="Thu theo {commune}.", valid_from=march), an_edit(field="who", text="Ai cũng được.", id=2)
    )
    path = packed_into(tmp_path / "pack.json", pack(ours, TODAY))
    exchange, faults = read_pack(path, LIBRARY, "ha-bac")
    theirs = overlay(commune="ha-bac")
    compared = compare(exchange, theirs, TODAY)
    assert faults == [] and compared.faults == () and len(compared.changes) == 2
    taken = overlay(*(
        an_edit(change.edit.subject, change.edit.field, change.edit.text, id=number, source=change.edit.source,
                valid_from=change.edit.valid_from)
        for number, change in enumerate(compared.changes, 1)
    ), commune="ha-bac")  # fmt: skip
    assert "Thu theo xã Hà Bắc." in LIBRARY.answer("to-cong-nghe-so", "fee", taken.commune_on(march), march).text
    assert compare(exchange, taken, TODAY).changes == ()


def test_a_pack_holds_no_profile_no_contact_data_and_nothing_of_the_release() -> None:
    packed = pack(
        overlay(
            an_edit(PROFILE, "hotline", "0220 111 222", id=1),
            an_edit(text="Gọi 0220 111 222 nhé.", id=2),
            an_edit(field="who", text="Hỏi a.b@haidong.gov.vn.", id=3),
            an_edit(field="form", text="Từ 01/07/2026 mẫu 1.001193, 10.000 đồng.", id=4),
        ),
        TODAY,
    )
    assert [entry["facet"] for entry in entries_of(packed)] == ["form"]
    assert packed.left_out == (("to-cong-nghe-so", "fee"), ("to-cong-nghe-so", "who"))
    assert "0220" not in json.dumps(packed.document)


def test_an_answer_that_names_the_commune_is_pointed_out() -> None:
    packed = pack(overlay(an_edit(text="Xã Hà Đông có ba điểm.")), TODAY)
    assert packed.naming == (("to-cong-nghe-so", "fee"),) and len(entries_of(packed)) == 1


def test_what_is_over_or_was_given_back_stays_out() -> None:
    over = an_edit(valid_until=date(2026, 11, 21), id=1)
    given_back = [an_edit(field="who", text="Ai.", id=2), an_edit(field="who", text="", id=3)]
    assert entries_of(pack(overlay(over, *given_back), TODAY)) == []


def _damage(document: dict[str, Any]) -> None:
    document["entries"][0]["text"] = "Lời khác."


def _of_another_format(document: dict[str, Any]) -> None:
    document["format"] = FORMAT + 1


def _of_another_kind(document: dict[str, Any]) -> None:
    document["kind"] = "recipes"


@pytest.mark.parametrize(
    ("spoil", "words"), [(_damage, "mã kiểm"), (_of_another_format, "kiểu"), (_of_another_kind, "không phải gói")]
)
def test_a_wrong_pack_is_refused(spoil: Callable[[dict[str, Any]], None], words: str, tmp_path: Path) -> None:
    path = packed_into(tmp_path / "pack.json", pack(overlay(an_edit()), TODAY))
    document = json.loads(path.read_text(encoding="utf-8"))
    spoil(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(WrongPack, match=words):
        read_pack(path, LIBRARY, "ha-bac")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_pack_at_all_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "pack.json"
    path.write_bytes(content)
    with pytest.raises(WrongPack):
        read_pack(path, LIBRARY, "ha-bac")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [("topic", "ly-hon", "không có chủ đề"), ("facet", "price", "không có phần"), ("valid_from", "mai", "ngày sai"),
     ("as_of", 7, "ngày sai"), ("confidence", "sure", "độ chắc"), ("text", None, "không phải gói")],
)  # fmt: skip
def test_a_bad_entry_is_named(key: str, value: object, words: str, tmp_path: Path) -> None:
    from knowledge.pack import _digest

    document = dict(pack(overlay(an_edit()), TODAY).document)
    entries = [{**entry, key: value} for entry in document["entries"]]  # type: ignore[attr-defined]
    path = tmp_path / "pack.json"
    write_pack({**document, "entries": entries, "digest": _digest(entries)}, path)
    exchange, faults = read_pack(path, LIBRARY, "ha-bac")
    assert exchange.rows == () and len(faults) == 1
    assert faults[0].place == "gói, mục 1" and words in faults[0].message


def test_a_bad_text_of_a_pack_is_refused_like_that_of_a_sheet(tmp_path: Path) -> None:
    path = packed_into(tmp_path / "pack.json", pack(overlay(an_edit(text="Hỏi {mayor}.")), TODAY))
    exchange, _ = read_pack(path, LIBRARY, "ha-bac")
    (fault,) = compare(exchange, overlay(commune="ha-bac"), TODAY).faults
    assert "{mayor}" in fault.message and exchange.rows[0].subject == TOPIC
