"""`price-findings`, `price-check`, `price-dispute`: what the price check found, and having it look again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell


@app.command("price-findings")
def price_findings(
    data: DataOption,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 1000,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """List sales whose pricing is not what it should be."""
    with head_office(data, database, as_json=json_) as office:
        rows = office.price_checks.findings(limit)
        counts = office.price_checks.counts()
        if json_:
            told = [{**asdict(row), "findings": json.loads(row.findings)} for row in rows]
            tell({"ok": True, "findings": told, "solved": counts}, as_json=True, text="")
            return
        table = Table("store", "sale", "release", "by", "difference", "first finding")
        for row in rows:
            first = json.loads(row.findings)[0]
            table.add_row(
                row.store_id,
                f"{row.workstation_id}/{row.incarnation}/{row.number}",
                str(row.release_version),
                row.source,
                str(row.difference_minor),
                f"{first['path']}: {first['code']}",
            )
        screen(out=True).print(table)
        screen(out=True).print("  ".join(f"{name}: {count}" for name, count in sorted(counts.items())))


@app.command("price-check")
def price_check(
    data: DataOption,
    solve: Annotated[int, typer.Option(min=0, help="Solve at most so many waiting sales again.")] = 1000,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Do now what a serving head office does by itself: check new sales, solve waiting ones again."""
    with head_office(data, database, as_json=json_) as office:
        checked = office.price_checks.check_new()
        solved = office.price_checks.solve_open(solve) if solve else 0
        counts = office.price_checks.counts()
        tell(
            {"ok": True, "checked": checked, "solved": solved, "outcomes": counts},
            as_json=json_,
            text=f"{checked} sales checked, {solved} solved again.",
        )


@app.command("price-dispute")
def price_dispute(
    data: DataOption,
    workstation: Annotated[str, typer.Option(help="Workstation of the sale.")],
    number: Annotated[int, typer.Option(min=1, help="Number of the sale's document.")],
    incarnation: Annotated[int, typer.Option(min=1, help="Its series.")] = 1,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """A customer doubts a price: solve that sale again now and say what came of it."""
    with head_office(data, database, as_json=json_) as office:
        place = (workstation, incarnation, number)
        if not office.price_checks.dispute(place):
            tell({"ok": False, "outcome": None}, as_json=json_, text="Head office has no such sale.")
            raise typer.Exit(1)
        office.price_checks.solve_open(1)
        row = office.price_checks.solve_of(place)
        outcome = None if row is None else row.outcome
        tell({"ok": True, "outcome": outcome}, as_json=json_, text=f"Solved again: {outcome}.")
