"""Who did what to what, and why."""

from __future__ import annotations

import json

from sync_server.console.ask import Ask, Page, Reply

AT_ONCE = 100


def listing(ask: Ask) -> Reply:
    """Newest first; `before` goes on from the last row shown."""
    wanted = {name: ask.query.get(name, "").strip() for name in ("actor", "action", "subject")}
    rows = ask.desk.audit.page(before=ask.query.get("before") or None, limit=AT_ONCE, **wanted)
    for row in rows:
        facts = json.loads(row["facts"])
        row["why"] = facts.pop("why", "")
        row["facts"] = [(name, _plain(value)) for name, value in sorted(facts.items()) if value is not None]
    template = "audit_rows.html" if ask.by_htmx else "audit.html"
    return Page(template, {"rows": rows, "wanted": wanted, "more": len(rows) == AT_ONCE})


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
