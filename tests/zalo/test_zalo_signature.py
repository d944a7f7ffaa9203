from __future__ import annotations

import json
from typing import Any

import pytest
from zalo_samples import SAMPLES

from bot.zalo.signature import HEADER, sign, signed_parts, verify

VECTORS: list[dict[str, Any]] = json.loads((SAMPLES / "signature_vectors.json").read_text("utf-8"))["vectors"]
by_event = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["event"])


def check(vector: dict[str, Any], **changes: Any) -> bool:
    given = {
        "raw": vector["raw_body"].encode(),
        "header": vector["header"][HEADER],
        "app_id": vector["app_id"],
        "timestamp": vector["timestamp"],
        "secrets": [vector["oa_secret_key"]],
        **changes,
    }
    return verify(**given)


@by_event
def test_vectors(vector: dict[str, Any]) -> None:
    raw = vector["raw_body"].encode()
    assert check(vector)
    assert sign(raw, vector["app_id"], vector["timestamp"], vector["oa_secret_key"]) == vector["header"][HEADER]
    assert signed_parts(json.loads(raw)) == (vector["app_id"], vector["timestamp"])


@by_event
def test_bare_and_upper_case_hex_are_taken(vector: dict[str, Any]) -> None:
    bare = vector["header"][HEADER].removeprefix("mac=")
    assert check(vector, header=bare)
    assert check(vector, header="mac=" + bare.upper())


@by_event
def test_the_old_and_the_new_secret_both_fit(vector: dict[str, Any]) -> None:
    assert check(vector, secrets=["new one", vector["oa_secret_key"]])
    assert check(vector, secrets=[vector["oa_secret_key"], "new one"])
    assert not check(vector, secrets=["new one", "other"])


@by_event
def test_any_change_is_noticed(vector: dict[str, Any]) -> None:
    assert not check(vector, raw=vector["raw_body"].encode() + b" ")
    assert not check(vector, app_id="1")
    assert not check(vector, timestamp="1795257600124")
    assert not check(vector, raw=json.dumps(json.loads(vector["raw_body"])).encode())


@pytest.mark.parametrize("header", ["", "mac=", "mac=52dc", "mac=ữ", "\udcff", "mac=" + "0" * 64])
def test_damaged_headers_fit_nothing(header: str) -> None:
    assert not check(VECTORS[0], header=header)


def test_an_empty_secret_lets_nobody_in() -> None:
    forged = sign(b"{}", "1", "2", "")
    assert not verify(b"{}", forged, "1", "2", [""])
    assert not verify(b"{}", forged, "1", "2", [])


def test_a_timestamp_sent_as_number_counts_as_its_digits() -> None:
    assert signed_parts({"app_id": "1", "timestamp": 1795257600123}) == ("1", "1795257600123")
