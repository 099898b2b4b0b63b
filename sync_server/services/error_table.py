"""docs/errors.md, written from the error classes, so that the table cannot lag behind the code."""

from __future__ import annotations

from sync_server.services import errors
from sync_server.services.errors import Refused

_HEAD = """# Error codes of the HTTP interface

Every answer that is not 2xx has the body `{"code", "message", "facts", "server_time_ms"}`. Codes are stable:
programs may rely on them; the message is for engineers and may change. This file is written by
`python -m sync_server errors --to docs/errors.md`; a test compares it with the code.

| status | code | meaning | what a client does |
|---|---|---|---|
"""


def every_refusal() -> list[type[Refused]]:
    """All error classes of the interface, by status and code."""
    found = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Refused) and value is not Refused
    ]
    return sorted(found, key=lambda kind: (kind.status, kind.code))


def error_table() -> str:
    """The file's text."""
    lines = []
    for kind in every_refusal():
        meaning = " ".join((kind.__doc__ or "").split())
        lines.append(f"| {kind.status} | `{kind.code}` | {meaning} | {kind.advice} |")
    return _HEAD + "\n".join(lines) + "\n"
