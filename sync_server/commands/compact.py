"""`compact`: what the running server does once a day, by hand."""

from __future__ import annotations

from dataclasses import asdict

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell


@app.command()
def compact(data: DataOption, database: DatabaseOption = None, json_: JsonOption = False) -> None:
    """Forget deletions in the feed older than 90 days, and visitors whom a store has not seen for long."""
    with head_office(data, database, as_json=json_) as office:
        done = office.compaction.run()
        text = f"{done.deletions} deletions and {done.visitors} visitors let go."
        tell({"ok": True, **asdict(done)}, as_json=json_, text=text)
