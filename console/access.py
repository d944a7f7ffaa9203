"""Who may see a page: every route declares its act or says why it is public, and the application refuses the rest.

``@needs("case.read")`` lets in officials whose post has that act at all; a view that takes an id then calls
:func:`must` with the thing's own commune, village and unit, which answers 404 for what is none of their business, so
that nobody learns which codes exist elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, g

from bot import permissions
from bot.permissions import Scope
from bot.store.staff import Staff

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC, OPEN_TO_STAFF, ACT = "public_because", "open_to_staff_because", "required_act"


def public(reason: str) -> Callable[[View], View]:
    """Nobody need sign in, for this reason."""

    def mark(view: View) -> View:
        setattr(view, PUBLIC, reason)
        return view

    return mark


def any_official(reason: str) -> Callable[[View], View]:
    """Whoever is signed in may, for this reason (their own account, a list of what waits for them)."""

    def mark(view: View) -> View:
        setattr(view, OPEN_TO_STAFF, reason)
        return view

    return mark


def needs(act: str) -> Callable[[View], View]:
    """Posts that have ``act`` in the table of ``bot.permissions``. KeyError for an act the table does not have."""
    permissions.PERMISSIONS[act]

    def mark(view: View) -> View:
        setattr(view, ACT, act)
        return view

    return mark


def me() -> Staff:
    """The official who asks. Only in views that are not public."""
    staff = g.staff
    assert isinstance(staff, Staff)
    return staff


def my_commune() -> str:
    """The commune the official works for; the city's people have none and get 403."""
    commune_id = me().commune_id
    if commune_id is None:
        abort(403)
    return commune_id


def scope(act: str) -> Scope | None:
    """How far ``act`` reaches for the official who asks: lists are narrowed by it."""
    return permissions.scope_of(me(), act)


def can(act: str, *, village: str = "", unit: str = "") -> bool:
    """Whether to offer a button: the official may do this to a thing of their own commune."""
    commune_id = me().commune_id
    return commune_id is not None and permissions.may(me(), act, commune_id, village=village, unit=unit)


def can_at_all(act: str) -> bool:
    """Whether the official's post has this act for anything."""
    return permissions.scope_of(me(), act) is not None


def must(act: str, commune_id: str | None, *, village: str = "", unit: str = "") -> None:
    """404 unless the official may do ``act`` to a thing of this commune, village and unit."""
    if commune_id is None or not permissions.may(me(), act, commune_id, village=village, unit=unit):
        abort(404)
