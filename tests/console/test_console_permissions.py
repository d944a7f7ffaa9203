"""The one table of who may do what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import permissions
from bot.permissions import PERMISSIONS, ROLES, NotAllowed, Scope, may, require
from bot.store.staff import Staff


def _staff(role: str, **changes: object) -> Staff:
    commune = None if role == permissions.CITY_ROLE else "ha-dong"
    return replace(Staff(1, commune, f"{role}@x.example", role, role), **changes)  # type: ignore[arg-type]


def test_every_post_and_act_has_its_words() -> None:
    for role in ROLES:
        assert permissions.role_name(role)
    for act, posts in PERMISSIONS.items():
        assert permissions.act_name(act)
        assert permissions.WORDS.word(f"room_{act.split('.')[0]}")
        assert set(posts) <= set(ROLES)


def test_the_administrator_has_everything_of_the_commune_and_nothing_else() -> None:
    administrator = _staff("quan-tri")
    for act in PERMISSIONS:
        assert may(administrator, act, "ha-dong", village="v", unit="police")
        assert not may(administrator, act, "dai-son")


def test_the_city_has_figures_of_all_and_nothing_else() -> None:
    city = _staff("thanh-pho")
    for act in PERMISSIONS:
        assert may(city, act, "ha-dong") == (act == "figures.read")
    assert may(city, "figures.read", "dai-son")
    assert {act for act, posts in PERMISSIONS.items() if Scope.EVERYWHERE in posts.values()} == {"figures.read"}


@pytest.mark.parametrize("role", ["van-hoa-xa-hoi", "hanh-chinh-cong", "kinh-te", "cong-an"])
def test_a_unit_has_its_own_and_what_nobody_has(role: str) -> None:
    staff = _staff(role)
    own = permissions.UNIT_OF_ROLE[role]
    assert may(staff, "case.move", "ha-dong", unit=own)
    assert may(staff, "case.move", "ha-dong")
    for other in set(permissions.UNIT_OF_ROLE.values()) - {own}:
        assert not may(staff, "case.move", "ha-dong", unit=other)
        assert may(replace(staff, unit=other), "case.move", "ha-dong", unit=other), "the account's unit goes first"


def test_a_village_has_itself() -> None:
    staff = _staff("thon", village="thôn đông")
    assert may(staff, "case.read", "ha-dong", village="thôn đông")
    assert not may(staff, "case.read", "ha-dong", village="thôn tây")
    assert not may(staff, "case.read", "ha-dong")
    assert not may(_staff("thon"), "case.read", "ha-dong", village="")
    assert not may(staff, "case.move", "ha-dong", village="thôn đông")


def test_who_writes_does_not_decide_alone() -> None:
    for role in ("van-hoa-xa-hoi", "hanh-chinh-cong", "kinh-te", "cong-an", "truyen-thong", "thon"):
        staff = _staff(role, village="v")
        for act in ("knowledge.approve", "staff.manage", "oa.manage", "broadcast.approve", "audit.read"):
            assert not may(staff, act, "ha-dong", village="v"), (role, act)


@pytest.mark.parametrize("role", ROLES)
def test_a_disabled_account_may_nothing(role: str) -> None:
    staff = _staff(role, disabled=True)
    for act in PERMISSIONS:
        assert not may(staff, act, "ha-dong")
        with pytest.raises(NotAllowed, match="khóa"):
            require(staff, act, "ha-dong")


def test_a_refusal_names_the_act_in_plain_words() -> None:
    with pytest.raises(NotAllowed, match="Vai Truyền thông không được làm việc này: Xử lý") as refused:
        require(_staff("truyen-thong"), "case.move", "ha-dong")
    assert refused.value.act == "case.move"
    with pytest.raises(NotAllowed, match="thuộc nơi khác"):
        require(_staff("kinh-te"), "case.move", "ha-dong", unit="police")
    with pytest.raises(KeyError):
        may(_staff("quan-tri"), "case.explode", "ha-dong")
