"""Who did what to what, and why."""

from __future__ import annotations

import json

from sync_server.console.ask import Ask, Page, Reply
from sync_server.console.words import Words, sentences

AT_ONCE = 100
_ACT = "audit.act."
_NOBODY = {"command line": "audit.command_line", "anonymous": "audit.anonymous", "restore": "audit.restore"}
"""Whoever acts without a login of the console."""


def listing(ask: Ask) -> Reply:
    """Newest first; `before` goes on from the last row shown."""
    wanted = {name: ask.query.get(name, "").strip() for name in ("actor", "action", "subject")}
    rows = ask.desk.audit.page(before=ask.query.get("before") or None, limit=AT_ONCE, **wanted)
    for row in rows:
        facts = json.loads(row["facts"])
        row["why"] = facts.pop("why", "")
        row["who"] = ask.words(_NOBODY[row["actor"]]) if row["actor"] in _NOBODY else row["actor"]
        row["did"] = _did(ask.words, row["action"])
        row["facts"] = [(name, _plain(value)) for name, value in sorted(facts.items()) if value is not None]
    template = "audit_rows.html" if ask.by_htmx else "audit.html"
    return Page(
        template, {"rows": rows, "wanted": wanted, "more": len(rows) == AT_ONCE, "acts": _acts(ask.words)}
    )


def _did(words: Words, action: str) -> str:
    """What was done, in words; of an older program perhaps its name alone."""
    return words(_ACT + action) if words.has(_ACT + action) else action


def _acts(words: Words) -> list[tuple[str, str]]:
    """Every act by name, with its words, to filter by."""
    known = sentences(words.language).items()
    return [(key.removeprefix(_ACT), text) for key, text in known if key.startswith(_ACT)]


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
