"""A day in the life, printed: `python -m benchmarks.day [--baskets 900] [--real] [--seed 1]`.

`--real` takes the baskets of the real data set's busiest store (lines and pieces; goods by their rank in the
demo chain) instead of thrown ones. Exit status 1 where any figure does not agree.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.day.audit import as_json, differences, digests_agree, verified
from benchmarks.day.story import Clerk, Day, Shape, enrolled
from benchmarks.real_data.clock import SharedClock
from pos_core.customer.gift_card import with_check_digit
from sync_server.bootstrap import make_server, open_head_office
from sync_server.demo import chain
from sync_server.demo.catalog import demo_catalog
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services.chain import found_chain
from sync_server.services.data_folder import DataFolder
from sync_server.services.demo import build_demo
from sync_server.services.importing import ImportOptions, ImportTarget, import_file

STORE = "S001"
MORNING = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
"""08:00 in the store."""
GOODS = 80
MEMBERS = 12
CARDS = 9
WORKSTATIONS = 3


@contextmanager
def day_in(folder: Path, *, seed: int, say: Callable[[str], None]) -> Iterator[tuple[Day, HeadOffice]]:
    """A founded demo chain, its server, and three enrolled workstations of one store."""
    clock = SharedClock(folder / "clock")
    clock.move_to(int(MORNING.timestamp() * 1000))
    data = DataFolder(folder / "hq")
    found_chain(data, chain_name=chain.CHAIN_NAME, currency="CNY", clock=clock, hosts=["localhost"])
    office = open_head_office(data.root, clock=clock)
    made = build_demo(office.store, office.keys, office.releases, office.clock)
    catalog = demo_catalog()
    active = {row["sku"] for row in catalog.items if row.get("active", "1") == "1"}
    gtins = [row["gtin"] for row in catalog.gtins if row["pack_quantity"] == "1" and row["sku"] in active]
    homes = [row for row in chain.members() if row["home_store_id"] == STORE]
    operators = made.operators[STORE]
    cards = printed_cards(office, folder)
    try:
        with serving(make_server(office, tls=False, jobs=False)) as url:
            clerks = []
            for number in range(WORKSTATIONS):
                code = office.enrolment.new_code(STORE, minutes=10, ca_fingerprint=None).code
                where = enrolled(folder, url, code, f"T{number + 1}")
                person = operators[-1]  # a manager's limits: returns of any size need nobody else
                second = operators[-2]
                clerks.append(
                    Clerk(
                        where,
                        clock,
                        gtins[:GOODS],
                        [row["member_id"] for row in homes[:MEMBERS]],
                        (person["number"], person["pin"]),
                        (second["number"], second["pin"]),
                        random.Random(seed * 10 + number),
                        cards=cards,
                    )
                )
            day = Day(clerks, clock, say)
            try:
                yield day, office
            finally:
                day.close()
    finally:
        office.close()


def printed_cards(office: HeadOffice, folder: Path) -> list[str]:
    """Gift cards that head office has delivered to the store; anybody may bring any of them to any till."""
    cards = [with_check_digit(f"6200000000{number:05d}") for number in range(CARDS)]
    file = folder / "cards.csv"
    file.write_text("card_number,store_id\n" + "".join(f"{each},{STORE}\n" for each in cards))
    target = ImportTarget(office.store, office.keys, office.clock.now_ms())
    assert import_file(target, "gift-cards", file, ImportOptions()).created == CARDS
    return cards


def thrown(baskets: int, seed: int) -> Sequence[Shape]:
    """Baskets of one to eight lines."""
    dice = random.Random(seed)
    return [[dice.choice((1, 1, 1, 2, 3)) for _ in range(dice.randint(1, 8))] for _ in range(baskets)]


def real(baskets: int) -> Sequence[Shape]:
    """The first baskets of the real data set's busiest store: the pieces of each line."""
    from benchmarks.real_data.slices import small_slice

    lines = small_slice(1, baskets).lines
    shapes: dict[int, list[int]] = {}
    for basket, quantity in lines.select("basket_id", "quantity").iter_rows():
        shapes.setdefault(basket, []).append(min(max(int(quantity), 1), 99))
    return [*shapes.values()][:baskets]


def main() -> int:
    """Play it, compare everything, print both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day")
    parser.add_argument("--baskets", type=int, default=900)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    shapes = real(asked.baskets) if asked.real else thrown(asked.baskets, asked.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tidemark-day-") as folder:
        with day_in(Path(folder), seed=asked.seed, say=print) as (day, office):
            day.play(shapes)
            wrong = differences(day.clerks, office)
            others = [each for each in day.clerks if not digests_agree(each, office)]
            wrong += [f"{each.folder.name}: slices differ" for each in others]
        for clerk in day.clerks:
            wrong += [f"{clerk.folder.name}: {each}" for each in verified(clerk)]
    sold = sum(len(clerk.told) for clerk in day.clerks)
    waited = max(clerk.waited for clerk in day.clerks)
    print(f"{sold} sales; besides {as_json(day.clerks)}; {waited} documents waited at most")
    print(f"{time.monotonic() - began:.1f} s; differences: {wrong or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
