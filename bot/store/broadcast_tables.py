"""Announcements, their recipients and schedules, events and who signed up.

Conventions of :mod:`bot.store.tables` hold here too: every table carries commune_id or oa_id, moments are ``*_ms``,
what people wrote and who they are is ``*_sealed``.
"""

from __future__ import annotations
