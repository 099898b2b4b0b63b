"""`coupon-lease give|list|recall`: typed codes that a store may take with no network."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell
from sync_server.services.acts import at_command_line

coupon_lease = typer.Typer(help="Lease typed coupon codes to a store.", no_args_is_help=True)
app.add_typer(coupon_lease, name="coupon-lease")


@coupon_lease.command("give")
def give(
    store: Annotated[str, typer.Argument(help="Id of the store.")],
    codes: Annotated[Path, typer.Argument(help="A file of codes as issue-coupons showed them, one a line.")],
    data: DataOption,
    workstation: Annotated[str | None, typer.Option(help="Who holds them; may be left out for one.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How long at most.")] = 14,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Lease codes to a store; each workstation fetches its own at its next contact."""
    typed = [line.strip() for line in codes.read_text(encoding="utf-8").splitlines() if line.strip()]
    with head_office(data, database, as_json=json_) as office:
        given = office.coupon_leases.give(
            at_command_line(), store, typed, days=days, workstation_id=workstation
        )
        told = {"ok": True, "leases": [asdict(each) for each in given]}
        tell(told, as_json=json_, text=f"{len(given)} leased to {store}.")


@coupon_lease.command("list")
def list_(
    data: DataOption,
    store: Annotated[str | None, typer.Option(help="This store's only.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """The leases in force, and who holds them."""
    with head_office(data, database, as_json=json_) as office:
        leases = office.coupon_leases.listing(store)
        if json_:
            tell({"ok": True, "leases": [asdict(each) for each in leases]}, as_json=True, text="")
            return
        table = Table("coupon", "campaign", "store", "holder", "state", "expires (epoch ms)")
        for each in leases:
            table.add_row(
                each.coupon_id,
                each.campaign_id,
                each.store_id,
                each.holder,
                each.state,
                str(each.expires_at_ms),
            )
        screen(out=True).print(table)


@coupon_lease.command("recall")
def recall(
    coupon: Annotated[list[str], typer.Argument(help="Ids of coupons.")],
    data: DataOption,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """End leases; holders refuse the codes from their next contact on."""
    with head_office(data, database, as_json=json_) as office:
        count = office.coupon_leases.recall(at_command_line(), coupon)
        tell({"ok": True, "recalled": count}, as_json=json_, text=f"{count} recalled.")
