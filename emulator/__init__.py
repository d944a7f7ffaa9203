"""Zalo's side, emulated: the Open API and OAuth of Official Accounts, the webhook sender, a phone-like chat page.

Knows nothing of the product; they meet only at the public contract."""

from emulator.application import RunningEmulator, create_app, emulator_of, serve, start
from emulator.assembly import Emulator
from emulator.configuration import EmulatorConfiguration
from emulator.faults import ApiFault

__all__ = [
    "ApiFault",
    "Emulator",
    "EmulatorConfiguration",
    "RunningEmulator",
    "create_app",
    "emulator_of",
    "serve",
    "start",
]
