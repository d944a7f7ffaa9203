"""Processes that end with the one that started them, however it ends (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal

SET_PARENT_DEATH_SIGNAL = 1
SUPERVISED_BY = "HOIXA_SUPERVISED_BY"
"""Set by the supervisor for its children: its process id."""
MUST_BE_MENDED = 78
"""Exit code (EX_CONFIG of sysexits.h) of a supervised child whose trouble only a person can mend: no restart helps."""


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel end this process when its parent dies, however the parent dies (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)  # it died before the line above took hold


def follow_supervisor() -> None:
    """Under ``hoixa serve`` a process must not outlive the supervisor: it would keep the port and swallow messages."""
    parent = os.environ.get(SUPERVISED_BY)
    if parent:
        die_with_parent(int(parent))
