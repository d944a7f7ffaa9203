""".env.example and bot/settings.py say the same, both ways, and the example alone makes a working install."""

from __future__ import annotations

import re

import pytest
from repository_files import PACKAGES, ROOT

from bot.settings import Settings, SettingsError, load_settings

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
SECRET = {"HOIXA_SECRET_KEY": "k" * 32}
# Set by one of our processes for another, never by an operator.
BETWEEN_PROCESSES = {"HOIXA_SUPERVISED_BY"}


class _Recorder(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(key)
        return super().get(key, default)


def _blocks() -> dict[str, tuple[str, str]]:
    """Variable to (comment lines above it, value)."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in EXAMPLE.splitlines():
        if line.startswith("#"):
            comment.append(line)
        elif not line.strip():
            comment = []
        else:
            name, _, value = line.partition("=")
            assert name not in found, f"{name} stands twice"
            found[name] = ("\n".join(comment), value)
    return found


def _variables_read() -> set[str]:
    recorder = _Recorder(SECRET)
    load_settings(recorder)
    return recorder.asked


def test_every_setting_is_in_the_example_and_the_other_way_round() -> None:
    assert set(_blocks()) == _variables_read()


@pytest.mark.parametrize("name", sorted(_blocks()))
def test_each_is_explained_with_its_default(name: str) -> None:
    comment, _ = _blocks()[name]
    assert "Mặc định:" in comment, f"{name} has no default written above it"
    assert re.search("[à-ỹđ]", comment), f"{name} is not explained in Vietnamese"


def test_the_defaults_written_are_the_real_ones() -> None:
    written = {name: value for name, (_, value) in _blocks().items()}
    assert load_settings({**written, **SECRET}) == load_settings(SECRET)


def test_the_written_values_are_written_as_defaults_too() -> None:
    for name, (comment, value) in _blocks().items():
        if value:
            assert f"Mặc định: {value}" in comment, f"{name}: the comment names another default than {value}"


def test_the_example_as_it_lies_asks_for_the_secret_key_alone() -> None:
    written = {name: value for name, (_, value) in _blocks().items()}
    with pytest.raises(SettingsError, match="HOIXA_SECRET_KEY"):
        load_settings(written)
    assert isinstance(load_settings({**written, **SECRET}), Settings)


def test_no_variable_is_read_past_the_settings() -> None:
    named: dict[str, set[str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in re.findall(r"[\"'](HOIXA_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")):
                named.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    unknown = {name: places for name, places in named.items() if name not in set(_blocks()) | BETWEEN_PROCESSES}
    assert unknown == {}
