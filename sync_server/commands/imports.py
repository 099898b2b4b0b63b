"""`import KIND FILE`: items, prices, stores, people … from CSV, XLSX and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell
from sync_server.services.importing import (
    IMPORT_KINDS,
    ImportOptions,
    ImportReport,
    ImportTarget,
    import_file,
)

PROBLEMS_ON_SCREEN = 20


def _kind(value: str) -> str:
    if value not in IMPORT_KINDS:
        raise typer.BadParameter(f"one of {', '.join(IMPORT_KINDS)}")
    return value


@app.command("import")
def import_(
    *,
    kind: Annotated[str, typer.Argument(callback=_kind, help=f"One of: {', '.join(IMPORT_KINDS)}.")],
    file: Annotated[
        Path, typer.Argument(help="CSV (UTF-8 or GB18030), XLSX, or JSON for policies and promotions.")
    ],
    data: DataOption,
    database: DatabaseOption = None,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Import nothing if one row is rejected.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Where rejected rows and their reasons go (CSV).")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="Sheet of a workbook; default: the first.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Import one file. Importing it again changes nothing. Exit status 2 when rows were rejected."""
    with head_office(data, database, as_json=json_) as office, _progress(quiet=json_) as progress:
        task = progress.add_task(f"{kind}: check", total=None)

        def show(phase: str, rows: int) -> None:
            progress.update(task, description=f"{kind}: {phase} {rows:,} rows")

        options = ImportOptions(all_or_nothing=all_or_nothing, rejects=rejects, sheet=sheet, progress=show)
        target = ImportTarget(office.store, office.keys, office.clock.now_ms())
        report = import_file(target, kind, file, options)
    if not json_ and report.problems:
        _show_problems(screen(), report)
    tell(report.as_dict(), as_json=json_, text=_summary(report))
    if report.rejected:
        raise typer.Exit(2)


def _progress(*, quiet: bool) -> Progress:
    console = screen()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)


def _show_problems(console: Console, report: ImportReport) -> None:
    table = Table(
        "line", "column", "code", "reason", title=f"{report.rejected} rejected rows of {report.file}"
    )
    for problem in report.problems[:PROBLEMS_ON_SCREEN]:
        table.add_row(str(problem.line), problem.column, problem.code, problem.reason)
    console.print(table)
    if len(report.problems) > PROBLEMS_ON_SCREEN:
        console.print("… more of them with --json, all of them in the file of --rejects")


def _summary(report: ImportReport) -> str:
    parts = [f"{report.file}: {report.seen} rows, {report.valid} valid, {report.rejected} rejected"]
    if report.imported:
        parts.append(f"{report.created} new, {report.changed} changed, {report.unchanged} unchanged")
    else:
        parts.append("nothing imported")
    if report.rejects_file:
        parts.append(f"rejects in {report.rejects_file}")
    if report.ignored_columns:
        parts.append(f"ignored columns: {', '.join(report.ignored_columns)}")
    return "; ".join(parts)
