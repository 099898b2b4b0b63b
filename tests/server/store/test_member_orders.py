"""The migration that counts orders of sales that were there before the fold was."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import delete

from sync_server.services.refold import Refold
from sync_server.store import fold_state
from sync_server.store.engine import Txn
from sync_server.store.schema import folding
from tests.sync.test_member_orders import bring, order
from tests.sync.world import World, running_world


def _again(txn: Txn) -> None:
    txn.execute(delete(folding.fold_state).where(folding.fold_state.c.fold == "orders"))
    step = importlib.import_module("sync_server.store.migrations.versions.0028_member_orders")
    with Operations.context(MigrationContext.configure(txn.connection)):
        step.upgrade()


def test_states_after_the_migration_are_those_of_the_fold(tmp_path: Path) -> None:
    world: World
    with running_world(tmp_path / "world") as world:
        bring(world, tmp_path, "")
        a, b = world.till("a"), world.till("b")
        for till, orders in ((a, 2), (b, 1)):
            order(till, None)
            for _ in range(orders):
                order(till)
            order(till, kind="return")
            till.client.exchange()
        store = world.office.store
        store.write(_again)
        assert store.read(lambda txn: fold_state.get(txn, [("orders", "M7")]))["orders", "M7"]["orders"] == 3
        assert store.read(lambda txn: list(Refold(txn, world.office.keys).differences())) == []
        order(a)
        a.client.exchange()
        assert store.read(lambda txn: list(Refold(txn, world.office.keys).differences())) == []
