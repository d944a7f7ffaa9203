"""The only room that speaks Zalo: events in, messages out, error codes, OAuth, attachments."""
