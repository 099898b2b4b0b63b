"""A chain with so many workstations: keys and rows made at once, as enrolment would have left them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks import reference_replica as reference
from benchmarks.head_office_process import SystemClock, found
from pos_core.ids import uuid7
from sync_server.services import pricing_keys
from sync_server.store import chain_state, feed, workstation
from sync_server.store.engine import Txn
from sync_server.store.workstation import WorkstationRow

WORKSTATIONS_PER_STORE = 3


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a simulated workstation needs to know."""

    workstation_id: str
    store_id: str
    region: str
    key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class LoadChain:
    """The chain in `data`."""

    data: Path
    epoch: str
    server_key: Ed25519PublicKey
    pricing_key: Ed25519PublicKey
    workstations: list[Enrolled]
    database_url: str | None = None


def found_chain(data: Path, count: int, *, items: int, database_url: str | None = None) -> LoadChain:
    """`count` workstations in stores of three, 28 regions, `items` items."""
    office = found(data, database_url)
    now = SystemClock().now_ms()
    made: list[Enrolled] = []
    rows: list[WorkstationRow] = []
    sealing = base64.b64encode(X25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    for number in range(count):
        store = number // WORKSTATIONS_PER_STORE
        key = Ed25519PrivateKey.generate()
        made.append(
            Enrolled(uuid7(now, number.to_bytes(10, "big")), f"S{store:04d}", f"R{store % 28:02d}", key)
        )
        public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
        one, name = made[-1], str(number)
        ids = (one.workstation_id, one.store_id, name, "active", public, sealing)
        rows.append(WorkstationRow(*ids, 1, "0", now, None, now))
    stores = {one.store_id: one.region for one in made}

    def fill(txn: Txn) -> str:
        for row in rows:
            workstation.add(txn, row)
        feed.put_rows(
            txn,
            "store",
            "chain",
            [[s, s, region, "", None, None, "Asia/Shanghai", "PL1", "[]"] for s, region in stores.items()],
        )
        feed.put_rows(txn, "item", "chain", list(reference.items(items)))
        return chain_state.epoch(txn)

    epoch = office.store.write(fill)
    keys = office.keys
    pricing = next(iter(pricing_keys.held(keys.folder).values())).public_key()
    office.close()
    return LoadChain(
        data,
        epoch,
        Ed25519PublicKey.from_public_bytes(keys.server_public),
        pricing,
        made,
        database_url,
    )
