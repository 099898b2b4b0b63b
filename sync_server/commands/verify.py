"""`verify`: recompute every hash, signature, derived row and digest."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell
from sync_server.services.verify import Verify


@app.command()
def verify(
    data: DataOption,
    database: DatabaseOption = None,
    states: Annotated[
        bool, typer.Option(help="Fold all shared state again; takes memory for the states of the chain.")
    ] = True,
    json_: JsonOption = False,
) -> None:
    """Check chains, derived rows, states, digests, releases and files; exit status 2 on a problem."""
    with head_office(data, database, as_json=json_) as office, Progress(console=screen()) as progress:
        bars: dict[str, int] = {}

        def step(what: str, done: int, every: int) -> None:
            if what not in bars:
                bars[what] = int(progress.add_task(what, total=every))
            progress.update(bars[what], completed=done)  # type: ignore[arg-type]

        report = Verify(office.store, office.blobs, office.keys, states=states).run(step)
    lines = [
        f"{report.documents} documents and {report.quarantined} in quarantine over {report.series} series, "
        f"{report.heads} signed heads, {report.feed_rows} feed rows, {report.releases} releases, "
        f"{report.files} files.",
        *(f"Takings {currency}: {amount} minor units." for currency, amount in report.takings_minor.items()),
        *(f"{entry['code']}: {entry['subject']} {entry['detail']}" for entry in report.problems),
        "Everything holds." if report.ok else f"{len(report.problems)} problems.",
    ]
    tell({"ok": report.ok, **asdict(report)}, as_json=json_, text="\n".join(lines))
    if not report.ok:
        raise typer.Exit(2)
