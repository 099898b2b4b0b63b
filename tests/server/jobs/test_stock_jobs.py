"""The timer of the stock around each store, run by hand."""

from __future__ import annotations

from sync_server.jobs.stock import StockJobs
from tests.server.support.nearby import nearby_rows, put_on_shelf, tills
from tests.server.support.office import Chain


def test_only_the_leading_process_packs(chain: Chain) -> None:
    put_on_shelf(tills(chain)["S001"], A=5000)
    nearby = chain.office.nearby_stock
    StockJobs(nearby, leading=lambda: False).refresh_nearby_stock()
    assert nearby_rows(chain.office, "east") == {}
    StockJobs(nearby).refresh_nearby_stock()
    assert set(nearby_rows(chain.office, "east")) == {"A"}
