"""What residents send in, and what is kept of their wishes: cases, attachments, volunteers, ratings, consents.

Conventions of :mod:`bot.store.tables` hold here too: every table carries commune_id or oa_id, moments are ``*_ms``,
what people wrote and who they are is ``*_sealed``.
"""

from __future__ import annotations
