"""The one exception commands raise for what a person can mend, and why a file could not be used."""

from __future__ import annotations

import errno

from commands.words import word

_REASONS: dict[int, str] = {
    errno.ENOENT: "file_not_there",
    errno.ENOTDIR: "file_not_there",
    errno.EACCES: "file_not_allowed",
    errno.EPERM: "file_not_allowed",
    errno.EROFS: "file_not_allowed",
    errno.EISDIR: "file_is_folder",
    errno.ENOSPC: "file_disk_full",
}


class CommandError(Exception):
    """``str(error)`` is one line of plain Vietnamese."""


def reason_of(error: OSError) -> str:
    """Say in Vietnamese why a file could not be read or written; the system's own words where it is something rare."""
    key = _REASONS.get(error.errno or 0)
    return word(key) if key is not None else str(error.strerror)
