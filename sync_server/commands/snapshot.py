"""`snapshot`: build the file that new workstations start from, now."""

from __future__ import annotations

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell


@app.command()
def snapshot(data: DataOption, database: DatabaseOption = None, json_: JsonOption = False) -> None:
    """Build the chain's snapshot; a serving head office does it by itself when the last one is too old."""
    with head_office(data, database, as_json=json_) as office:
        with screen().status("Building …"):
            row = office.snapshots.build()
        tell(
            {"ok": True, "sequence": row.sequence, "sha256": row.sha256, "length": row.length},
            as_json=json_,
            text=f"Snapshot at sequence {row.sequence}: {row.length} bytes.",
        )
