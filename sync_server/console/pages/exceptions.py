"""What clashed and how it was ruled, and documents in quarantine."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Reply


def listing(ask: Ask) -> Reply:
    """Standing rulings (`over=1`: superseded ones too), of one rule or all, and the quarantine."""
    rule, over = ask.query.get("rule", ""), ask.query.get("over") == "1"
    found = ask.desk.exceptions.view(ask.region, rule=rule, superseded=over)
    return Page("exceptions.html", {"found": found, "rule": rule, "over": over})
