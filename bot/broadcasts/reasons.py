"""Why somebody did not get an announcement: the fixed slugs, from what we or Zalo said."""

from __future__ import annotations

from collections.abc import Mapping

OUTSIDE_WINDOW, OPTED_OUT, BLOCKED, QUOTA = "outside_window", "opted_out", "blocked", "quota"
NIGHT, QUIET_HOURS, INVALID_USER, IN_DOUBT = "night", "quiet_hours", "invalid_user", "in_doubt"
ZALO_ERROR = "zalo_error"
"""Whatever is nobody's own reason: an error that trying again may mend."""

SLUGS = (OUTSIDE_WINDOW, OPTED_OUT, BLOCKED, QUOTA, NIGHT, QUIET_HOURS, INVALID_USER, IN_DOUBT)
SKIPS = frozenset({OUTSIDE_WINDOW, OPTED_OUT, BLOCKED, QUOTA, INVALID_USER})
"""With one of these a person could not be reached; anything else that went wrong counts as failed."""

QUOTA_CODES = frozenset({-211, -218, -221, -223, -224, -320, -321})
"""Zalo will not carry it for this OA's package, quota or purse (contract, ``errors.tsv``)."""

BY_CODE: Mapping[int, str] = {
    -201: INVALID_USER,
    -227: INVALID_USER,
    -230: OUTSIDE_WINDOW,
    -232: OUTSIDE_WINDOW,
    -213: BLOCKED,
    -217: BLOCKED,
    -237: BLOCKED,
    -244: BLOCKED,
    -403: BLOCKED,
    **dict.fromkeys(QUOTA_CODES, QUOTA),
}


def stored(code: int) -> str:
    """How the engine writes a code of Zalo's down."""
    return f"zalo{code}"


_BY_ERROR: Mapping[str, str] = {
    **{stored(code): slug for code, slug in BY_CODE.items()},
    **{slug: slug for slug in SKIPS},
}


def slug_of(error: str | None) -> str:
    """The slug of an outbox row's ``last_error``; :data:`ZALO_ERROR` where it is nobody's own."""
    return _BY_ERROR.get(error or "", ZALO_ERROR)


def stored_by_slug(slug: str) -> tuple[str, ...]:
    """What stands in the store for a slug."""
    return tuple(error for error, found in _BY_ERROR.items() if found == slug)
