"""`publish`: price and promotion drafts become a signed release."""

from __future__ import annotations

from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.importing.cells import instant_cell
from sync_server.services.importing.context import DEFAULT_ZONE, chain_view
from sync_server.services.importing.problems import CellError
from sync_server.services.publish import Publisher


@app.command()
def publish(
    *,
    data: DataOption,
    database: DatabaseOption = None,
    effective_from: Annotated[
        str | None,
        typer.Option(
            "--effective-from", help="When it takes effect: 2026-12-01 08:00 (chain's zone) or ISO."
        ),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="What HQ wants to remember of it.")] = "",
    base: Annotated[
        bool, typer.Option("--base", help="Carry every price, not only the changed ones.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Publish a release: workstations fetch and stage it, and switch by themselves when it takes effect."""
    with head_office(data, database, as_json=json_) as office:
        instant_ms = None
        if effective_from is not None:
            zone = office.store.read(chain_view).policies.get("time_zone", DEFAULT_ZONE)
            try:
                instant_ms = instant_cell(effective_from, zone)
            except CellError as error:
                raise typer.BadParameter(error.message, param_hint="--effective-from") from None
        publisher = Publisher(office.store, office.releases, office.clock)
        made = publisher.publish(effective_from_ms=instant_ms, note=note, base=base)
    tell(
        made.as_dict(),
        as_json=json_,
        text=f"Release {made.release.version} ({made.kind}): {made.price_rows} prices of {made.price_pairs} "
        f"items and lists, {made.promotions} promotions. Manifest {made.release.manifest_sha256[:16]}…",
    )
