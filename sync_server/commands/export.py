"""`export`: the c_* views to files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell
from sync_server.services.export import export_views


class Form(StrEnum):
    """File formats."""

    csv = "csv"
    jsonl = "jsonl"


@app.command()
def export(
    data: DataOption,
    to: Annotated[Path, typer.Option(help="Folder for the files.")],
    view: Annotated[list[str] | None, typer.Option(help="A c_* view; repeatable; all when none.")] = None,
    form: Annotated[Form, typer.Option("--format", help="CSV or JSON lines.")] = Form.csv,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Write the c_* views (docs/views.md) as files."""
    with head_office(data, database, as_json=json_) as office, Progress(console=screen()) as progress:
        bar = progress.add_task("views", total=None)
        counts = export_views(
            office.store,
            to,
            views=view or [],
            form=form.value,
            clock=office.clock,
            on_view=lambda *_: progress.advance(bar),
        )
    text = "\n".join(f"{name}: {count} rows" for name, count in counts.items())
    tell({"ok": True, "rows": counts}, as_json=json_, text=text)
