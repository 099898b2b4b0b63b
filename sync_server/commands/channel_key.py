"""`channel-key`, `channel-keys`, `revoke-channel-key`: how a web shop may ask for quotes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell
from sync_server.services.channel_keys import HEADER_CHANNEL_KEY


@app.command("channel-key")
def channel_key(
    data: DataOption,
    channel: Annotated[str, typer.Option(help="The channel its baskets must name, for example web.")],
    note: Annotated[str, typer.Option(help="Who has it.")] = "",
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Make a key for POST /v1/quote; it is shown once."""
    with head_office(data, database, as_json=json_) as office:
        made = office.channel_keys.make(channel, note)
        tell(
            {"ok": True, **asdict(made)},
            as_json=json_,
            text=f"{made.key}\nFor channel {channel}, in the header {HEADER_CHANNEL_KEY}. Its hash begins "
            f"{made.key_hash[:16]}.",
        )


@app.command("channel-keys")
def channel_keys(data: DataOption, database: DatabaseOption = None, json_: JsonOption = False) -> None:
    """List the keys, by the beginnings of their hashes."""
    with head_office(data, database, as_json=json_) as office:
        rows = office.channel_keys.listing()
        if json_:
            tell({"ok": True, "channel_keys": [asdict(row) for row in rows]}, as_json=True, text="")
            return
        table = Table("hash begins", "channel", "note", "revoked")
        for row in rows:
            table.add_row(row.key_hash[:16], row.channel, row.note, "yes" if row.revoked_at_ms else "no")
        screen(out=True).print(table)


@app.command("revoke-channel-key")
def revoke_channel_key(
    data: DataOption,
    hash_: Annotated[str, typer.Option("--hash", help="The beginning of its hash, 8 digits or more.")],
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """End a key at once."""
    with head_office(data, database, as_json=json_) as office:
        count = office.channel_keys.revoke(hash_)
        tell({"ok": count > 0, "revoked": count}, as_json=json_, text=f"{count} revoked.")
        if not count:
            raise typer.Exit(1)
