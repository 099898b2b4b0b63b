"""The data set's 27 campaigns in the console's list of results against the raw files, to the cent.

    python -m benchmarks.real_data.effects                 every redemption of the year, about five minutes
    python -m benchmarks.real_data.effects --no-costs      without costs: no margin, no return

Every basket in which a coupon of a campaign was taken goes through a workstation of its store and the real
server; then the list that the console offers as a file is compared with `campaign_figures`.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.real_data.campaign_figures import figures
from benchmarks.real_data.campaigns import campaign_code
from benchmarks.real_data.dataset import Slice
from benchmarks.real_data.replay import Replay
from benchmarks.real_data.slices import campaign_slice
from sync_server.bootstrap import open_head_office
from sync_server.head_office import HeadOffice
from sync_server.services.console.campaign_overview import CampaignOverview
from sync_server.services.sales_sums import SalesSums


def shown(office: HeadOffice) -> dict[str, dict[str, int | None]]:
    """Campaign → figures as the console's list has them, after everything was gathered."""
    sums = SalesSums(office.store, office.clock)
    while sums.gather(50):
        pass
    found = {}
    for line in CampaignOverview(office.store).listing(None):
        took = line.took
        found[line.campaign_id] = {
            "reach": took.issued,
            "redeemers": took.redeemers,
            "uses": took.uses,
            "given_minor": took.given_minor,
            "baskets": took.baskets,
            "net_minor": took.net_minor,
            "costed_net_minor": took.costed_net_minor,
            "cost_minor": took.cost_minor,
            "margin_minor": took.margin_minor,
            "roi_ppm": took.roi_ppm,
        }
    return found


def differences(office: HeadOffice, part: Slice, *, costs: bool) -> list[str]:
    """Campaigns whose figures are not those of the raw files; empty when all are."""
    baskets = set(part.lines["basket_id"].unique().to_list())
    wanted = {campaign_code(name): row for name, row in figures(baskets, with_costs=costs).items()}
    found = shown(office)
    return [
        f"{name}: raw files {wanted.get(name)}, console {found.get(name)}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]


def main() -> int:
    """Exit status 1 when anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--no-costs", action="store_true")
    parser.add_argument("--stores", type=int, help="only the stores with most campaigns")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave head office's data here")
    arguments = parser.parse_args()
    part, costs = campaign_slice(arguments.stores, None), not arguments.no_costs

    def show(text: str) -> None:
        print(time.strftime("[%H:%M:%S]"), text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="tidemark-effects-") as made:
        folder = arguments.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        replayed = Replay(folder, part, seed=1, away_percent=40, progress=show, costs=costs).run()
        office = open_head_office(folder / "hq")
        try:
            found = replayed.differences + differences(office, part, costs=costs)
            text = io.StringIO()
            rows = shown(office)
            writer = csv.writer(text)
            writer.writerow(["campaign", *next(iter(rows.values()))])
            writer.writerows([name, *row.values()] for name, row in sorted(rows.items()))
            print(text.getvalue())
        finally:
            office.close()
    print("\n".join(found) or f"{len(rows)} campaigns, every figure equal")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
