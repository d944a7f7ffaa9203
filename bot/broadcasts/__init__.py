"""Announcements and events: written, approved by another, forecast, scheduled, sent once, accounted for."""
