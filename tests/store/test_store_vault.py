"""Encryption at rest: nothing opens without the key, the column and every byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.encryption import DecryptionError, Vault

KEY = "k" * 32
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    vault = Vault(KEY)
    assert vault.decrypt(vault.encrypt(text, "inbox.body"), "inbox.body") == text


def test_another_key_opens_nothing() -> None:
    sealed = Vault(KEY).encrypt("Bác Ba", "inbox.body")
    with pytest.raises(DecryptionError):
        Vault(KEY + "!").decrypt(sealed, "inbox.body")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    vault = Vault(KEY)
    with pytest.raises(DecryptionError):
        vault.decrypt(vault.encrypt("token", "oa_token.access"), "oa_token.refresh")


def test_equal_texts_are_sealed_differently() -> None:
    vault = Vault(KEY)
    sealed = {vault.encrypt("như nhau", "inbox.body") for _ in range(200)}
    assert len(sealed) == 200
    assert len({one[1:13] for one in sealed}) == 200


def test_the_sealed_value_shows_nothing_of_the_text() -> None:
    assert b"0912345678" not in Vault(KEY).encrypt("0912345678", "inbox.body")


@pytest.mark.parametrize("place", [1, 5, 13, -1])
def test_one_changed_byte_is_noticed(place: int) -> None:
    vault = Vault(KEY)
    sealed = bytearray(vault.encrypt("Bác Ba", "inbox.body"))
    sealed[place] ^= 1
    with pytest.raises(DecryptionError):
        vault.decrypt(bytes(sealed), "inbox.body")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"n" * 12, b"\x02" + b"n" * 40])
def test_a_torn_value_is_a_decryption_error_too(sealed: bytes) -> None:
    with pytest.raises(DecryptionError):
        Vault(KEY).decrypt(sealed, "inbox.body")


def test_a_value_of_a_version_we_do_not_know_is_refused() -> None:
    vault = Vault(KEY)
    sealed = vault.encrypt("Bác Ba", "inbox.body")
    with pytest.raises(DecryptionError):
        vault.decrypt(b"\x02" + sealed[1:], "inbox.body")


def test_digests_agree_for_one_key_only() -> None:
    one, same, other = Vault(KEY), Vault(KEY), Vault(KEY + "!")
    assert one.digest("như nhau") == same.digest("như nhau")
    assert one.digest("như nhau") != one.digest("khác")
    assert one.digest("như nhau") != other.digest("như nhau")
    assert len(one.digest("như nhau")) == 32
