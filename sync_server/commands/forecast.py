"""`forecast`: what each store will sell, worked out now; a serving head office does it every night."""

from __future__ import annotations

from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell


@app.command()
def forecast(
    data: DataOption,
    store: Annotated[str | None, typer.Option("--store", help="One store alone.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Work out forecasts, safety stock and reorder points, and send them to the stores."""
    from sync_server.services.forecasting.run import Forecasts  # numpy

    with head_office(data, database, as_json=json_) as office, screen().status("Working out ..."):
        done = Forecasts(office.store, office.clock).run(store)
        items = sum(each.items for each in done)
        tell(
            {"ok": True, "stores": len(done), "items": items},
            as_json=json_,
            text=f"{items} items in {len(done)} stores.",
        )
