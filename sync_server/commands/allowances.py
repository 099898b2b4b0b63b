"""`allowances`: the published worst case, who holds what, and revoking one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell
from sync_server.services.acts import at_command_line
from sync_server.services.shared.allowances import Published


@app.command()
def allowances(
    data: DataOption,
    revoke: Annotated[str | None, typer.Option(help="Id of an allowance whose holder is gone.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """What could be overdrawn at most while stores are offline, by kind and store; who holds it."""
    with head_office(data, database, as_json=json_) as office:
        if revoke is not None:
            office.allowances.revoke(at_command_line(), revoke)
            tell({"ok": True, "revoked": revoke}, as_json=json_, text=f"Revoked {revoke}.")
            return
        published = office.allowances.published()
        if json_:
            tell({"ok": True, **_as_json(published)}, as_json=True, text="")
            return
        table = Table("allowance", "store", "granted", "may still be used")
        for each in published.outstanding:
            table.add_row(each.allowance_id, each.store_id, str(each.granted), str(each.out))
        screen(out=True).print(table)
        print(f"Worst case: {published.worst.points} points, managers' headroom included.")
        if published.waiting:
            print(f"Frozen after a restore: waiting for {published.waiting} workstations.")


def _as_json(published: Published) -> dict[str, Any]:
    worst = published.worst
    return {
        "worst_case": {
            "points": worst.points,
            "headroom_points": worst.headroom_points,
            "by_kind": dict(worst.by_kind),
            "by_store": [
                {"kind": kind, "store_id": store_id, "units": units}
                for (kind, store_id), units in worst.by_store.items()
            ],
        },
        "waiting": published.waiting,
        "frozen_until_ms": published.frozen_until_ms,
        "allowances": [asdict(each) for each in published.outstanding],
    }
