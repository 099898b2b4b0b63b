"""Notices to members: an outbox that is filled where things happen and emptied by adapters."""
