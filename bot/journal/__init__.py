"""The durable engine: inbox, outbox, claim, lease, recovery and rate (docs/decisions/0001-own-journal.md)."""
