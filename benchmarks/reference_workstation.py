"""A workstation on the reference replica, in a folder that the product opens: 100,000 items, 130,000 GTINs,

prices and 500 promotions in a release; encrypted files, no server. Made once, used by start, scan and window.

    python -m benchmarks.reference_workstation DIR [--items 100000] [--promotions 500] [--members 0]
"""

from __future__ import annotations

import argparse
import base64
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import reference_replica as reference
from benchmarks.reference_promotions import PROMOTIONS, promotions
from pos_client import bootstrap
from pos_client.keys.key_store import FileKeyStore
from pos_client.log import configure_logging
from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_client.services.workstation import Workstation
from pos_client.storage.places import Places
from pos_client.sync.workstation_file import WorkstationFile
from tests.client.services.shop import INDEX_KEY, PEPPER, PIN, Shop
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import DAY_MS, T0, release

PAGE_ROWS = 5000
SINCE_MS = 1_600_000_000_000
OPERATOR = "1001"


class ReferenceShop(Shop):
    """The test shop with the reference replica's rows beside its own few."""

    items = reference.ITEMS
    promotions = PROMOTIONS
    members = 0

    def fill(self) -> None:
        super().fill()
        sequence = 1
        for kind, rows in (
            ("tax_class", [["A", "13%", 130_000], ["standard", "13%", 130_000]]),
            ("department", [[f"D{n:02d}", None, f"部门{n}", f"Department {n}"] for n in range(40)]),
            ("item", reference.items(self.items)),
            ("gtin", reference.gtins(self.items * 13 // 10, items=self.items)),
        ):
            sequence = self._pull(kind, rows, sequence, "chain")
        self._pull("member", reference.members(self.members), 1, "store:S001")

    def publish(self) -> None:
        rows = [["PL1", row[1], SINCE_MS, None, row[4]] for row in reference.prices(self.items)]
        made = release(
            1,
            rows,
            promotions=promotions(self.promotions, items=self.items),
            issued_at_ms=SINCE_MS,
            effective_from_ms=SINCE_MS,
            expires_at_ms=T0 + 3650 * DAY_MS,
        )
        manifest = Manifest.read(made.text)
        self.replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=SINCE_MS)

    def _pull(self, kind: str, rows: Iterable[list[Any]], sequence: int, scope: str) -> int:
        """Pages as the feed brings them."""
        for chunk in _chunks(rows):
            self.replica.apply_page(page(rows_of(kind, chunk), scope=scope, after=sequence, to=sequence + 1))
            sequence += 1
        return sequence


def _chunks(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    source = iter(rows)
    while chunk := list(islice(source, PAGE_ROWS)):
        yield chunk


def places_of(folder: Path) -> Places:
    """Where everything of it lies."""
    return Places(folder, folder / "witness" / "w", folder / "keys")


def make(folder: Path, *, items: int = reference.ITEMS, count: int = PROMOTIONS, members: int = 0) -> None:
    """Make it in an empty folder; operator 1001 with the test shop's PIN."""
    folder.mkdir(parents=True, exist_ok=True)
    ReferenceShop.items, ReferenceShop.promotions, ReferenceShop.members = items, count, members
    shop = ReferenceShop(folder)
    shop.workstation.close()
    keys = FileKeyStore(folder / "keys")
    keys.put("pin_pepper", PEPPER)
    keys.put("blind_index_key", INDEX_KEY)
    nobody = base64.b64encode(bytes(32)).decode()
    WorkstationFile(
        workstation_id="ws-1",
        workstation_name="1号收银台",
        incarnation=1,
        store_id="S001",
        region="east",
        chain_id="chain-1",
        epoch="e1",
        server_url="http://127.0.0.1:9",
        server_public_key=nobody,
        pricing_keys={},
        recovery_public_key="",
        sealing_public_key=nobody,
        ca_certificate="",
    ).save(folder)


def open_signed_on(folder: Path) -> Workstation:
    """As the product opens it, live but without timers, signed on with an open shift, rules compiled."""
    configure_logging(folder)
    workstation = bootstrap.open_workstation(
        bootstrap.Options(places_of(folder), printer="none", timers=False)
    )
    workstation.session.sign_on(OPERATOR, PIN).result(30)
    if workstation.shift.current is None:
        workstation.shift.open_shift(20_000).result(30)
    return workstation


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=reference.ITEMS)
    parser.add_argument("--promotions", type=int, default=PROMOTIONS)
    parser.add_argument("--members", type=int, default=0)
    options = parser.parse_args()
    started = time.perf_counter()
    make(options.folder, items=options.items, count=options.promotions, members=options.members)
    print(f"{options.items} items, {options.promotions} promotions: {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
