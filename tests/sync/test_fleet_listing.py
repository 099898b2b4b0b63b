"""What head office knows of each workstation: where it stands in the feed, and which scopes moved since."""

from __future__ import annotations

from typing import Any

from tests.fakes.reference_rows import item_row
from tests.sync.world import World


def listed(world: World) -> dict[str, Any]:
    (row,) = world.office.workstations.listing()
    return row


def test_a_listing_says_which_scopes_have_moved_since(world: World) -> None:
    world.stock_shelves(3)
    till = world.till()
    assert (listed(world)["cursors"], listed(world)["scopes_behind"]) == (None, None)
    till.client.exchange()
    row = listed(world)
    told = {scope: sequence for scope, (_, sequence) in till.replica.cursors().items()}
    assert row["cursors"] == told and "chain" in told
    world.put("item", [item_row("A1", "新名字")])
    assert "chain" in listed(world)["scopes_behind"]
    till.client.exchange()
    assert "chain" not in listed(world)["scopes_behind"]
