"""`workstations`: which there are, what they hold, how old their last contact is; and revoking one."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell


@app.command()
def workstations(
    data: DataOption,
    revoke: Annotated[str | None, typer.Option(help="Id of a workstation to revoke.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """List workstations: release held and staged, documents here and waiting, age of the last contact."""
    with head_office(data, database, as_json=json_) as office:
        if revoke is not None:
            office.workstations.revoke(revoke)
            tell({"ok": True, "revoked": revoke}, as_json=json_, text=f"Revoked {revoke}.")
            return
        rows = office.workstations.listing()
        if json_:
            tell({"ok": True, "workstations": rows}, as_json=True, text="")
            return
        table = Table(box=None, pad_edge=False)
        for heading in (
            "store",
            "name",
            "release",
            "staged",
            "sent",
            "waiting",
            "clock",
            "feed",
            "program",
            "last contact",
            "state",
        ):
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(
                row["store_id"],
                row["name"],
                f"{_text(row['release_version'])} of {_text(row['newest_release'])}",
                ", ".join(map(str, row["staged_versions"])) or "–",
                _text(row["documents"]),
                _text(row["documents_waiting"]),
                _skew(row["clock_offset_ms"]),
                _behind(row["scopes_behind"]),
                row["app_version"],
                _age(row["contact_age_ms"]),
                row["state"],
            )
            table.add_row("", f"[dim]{row['workstation_id']}[/dim]")
        screen(out=True).print(table)


def _text(value: object) -> str:
    return "–" if value is None else str(value)


def _skew(ms: int | None) -> str:
    return "–" if ms is None else f"{ms / 1000:+.1f} s"


def _behind(scopes: list[str] | None) -> str:
    return "–" if scopes is None else ", ".join(scopes) or "up to date"


def _age(ms: int) -> str:
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if ms >= length:
            return f"{ms // length} {unit} ago"
    return f"{ms // 1000} s ago"
