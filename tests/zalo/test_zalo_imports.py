"""The room that speaks Zalo knows neither the store, the queue, the conversation nor the web server."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import bot.zalo


def test_no_forbidden_room_or_library_is_loaded() -> None:
    modules = [found.name for found in pkgutil.iter_modules(bot.zalo.__path__, "bot.zalo.")]
    assert "bot.zalo.client" in modules
    forbidden = (
        "bot.store",
        "bot.journal",
        "bot.conversation",
        "sqlalchemy",
        "flask",
        "emulator",
        "intents",
        "knowledge",
    )
    program = f"import sys, {', '.join(modules)}; print(*[name for name in {forbidden!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
