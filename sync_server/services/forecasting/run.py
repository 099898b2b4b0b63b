"""The nightly run: what each store sold since, its forecast, and the rows for its workstations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from pos_core.canonical import canonical_bytes
from pos_core.catalog.store import Store as StorePlace
from pos_core.clock import Clock, parse_hybrid_time
from pos_core.quantity import PIECE_MILLI
from pos_core.stock.cyclic import VALUE_DAYS
from pos_core.stock.replenishment_policy import ReplenishmentPolicy, parse_replenishment_policy
from sync_server.services.clock import moment_of
from sync_server.services.forecasting.history import WEEK, History, StockNow, read_history
from sync_server.services.forecasting.model import Forecast, forecast
from sync_server.services.forecasting.safety import safety_stock
from sync_server.store import demand, feed
from sync_server.store.demand import SupplyRow
from sync_server.store.engine import Store, Txn

DOCUMENTS_AT_ONCE = 2000
NEW_DAYS = 28
OFTEN_SHARE = 0.25
"""An item that sells on fewer of its days sells now and then."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What a run did for one store. `half_life_days`: how far back its rates look."""

    store_id: str
    items: int
    half_life_days: float


class Forecasts:
    """See the module. One process does this at a time; it may be ended at any moment and begun again."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def run(
        self, only: str | None = None, on_store: Callable[[Worked], None] = lambda _: None
    ) -> list[Worked]:
        """Every store of the chain, or one."""
        places = self._store.read(_places)
        found = []
        for place in places:
            if only is None or place.store_id == only:
                self._gather(place.store_id)
                found.append(self._work_out(place))
                on_store(found[-1])
        return found

    def _gather(self, store_id: str) -> None:
        now_ms = self._clock.now_ms()
        if self._store.read(lambda txn: demand.let_out_since(txn, store_id)):
            self._store.write(lambda txn: demand.begin_anew(txn, store_id))
        while behind := self._store.read(lambda txn: demand.behind(txn, store_id)):
            for workstation_id, incarnation, gathered, acked in behind:
                last = min(acked, gathered + DOCUMENTS_AT_ONCE)
                part = ((workstation_id, incarnation), gathered, last)
                self._store.write(lambda txn, part=part: demand.gather(txn, *part, now_ms=now_ms))  # type: ignore[misc]

    def _work_out(self, place: StorePlace) -> Worked:
        now_ms = self._clock.now_ms()
        today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(place.time_zone)).date()

        def read(txn: Txn) -> tuple[History, list[_Terms], list[int], list[int]]:
            policy = parse_replenishment_policy(feed.policy(txn, "replenishment"))
            first_day = today - timedelta(days=policy.history_days)
            rows = list(demand.of_store(txn, place.store_id, first_day.isoformat()))
            here = {row[0]: row for row in feed.rows_of(txn, "stock_on_hand", f"store:{place.store_id}")}
            goods = {
                row.sku for row in rows if row.moved_milli or row.came_in_milli
            }  # a top-up moves nothing
            wanted = goods | {sku for sku, row in here.items() if row[1] > 0}
            departments = _departments(txn, wanted)
            now = {sku: StockNow(row[1], _counted_on(row[2], place.time_zone)) for sku, row in here.items()}
            history = read_history(
                rows, first_day=first_day, days=policy.history_days, families=departments, stock=now
            )
            suppliers = {row[0]: row for row in feed.rows_of(txn, "supplier", "chain")}
            supplies = demand.supplies(txn, place.store_id)
            terms = [_terms(supplies.get(sku), suppliers, policy) for sku in history.skus]
            services = [policy.service_of(departments[sku]) for sku in history.skus]
            since = (today - timedelta(days=VALUE_DAYS)).isoformat()
            return history, terms, services, _sold_minor(history.skus, rows, since)

        history, terms, service_ppm, sold_minor = self._store.read(read)
        made = forecast(history)
        rows = _rows(history, made, terms, service_ppm, sold_minor)
        last_day = (today - timedelta(days=1)).isoformat()
        scope = f"store:{place.store_id}"

        def write(txn: Txn) -> None:
            living = {row[0] for row in rows}
            before = [row[0] for row in feed.rows_of(txn, "replenishment", scope)]
            gone = [[sku] for sku in before if sku not in living]
            feed.put_rows(txn, "replenishment", scope, rows, gone)
            run = [place.store_id, now_ms, last_day, len(rows)]
            feed.put_rows(txn, "replenishment_run", scope, [run])

        self._store.write(write)
        return Worked(place.store_id, len(rows), made.half_life_days)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Supply as it holds at the store."""

    source_kind: str
    source_id: str
    lead_days: int
    review_days: int
    pack_milli: int
    minimum_milli: int
    unit_cost_minor: int | None


def _terms(row: SupplyRow | None, suppliers: Mapping[str, list[Any]], policy: ReplenishmentPolicy) -> _Terms:
    """The item's own, else the supplier's, else the chain's."""
    if row is None:
        return _Terms("", "", policy.lead_days, policy.review_days, PIECE_MILLI, 0, None)
    supplier = suppliers.get(row.source_id) if row.source_kind == "supplier" else None
    lead_days, review_days = (supplier[2], supplier[3]) if supplier is not None else (None, None)
    return _Terms(
        row.source_kind,
        row.source_id,
        _first(row.lead_days, lead_days, policy.lead_days),
        _first(row.review_days, review_days, policy.review_days),
        row.pack_milli or PIECE_MILLI,
        row.minimum_milli or 0,
        row.unit_cost_minor,
    )


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def _sold_minor(skus: Sequence[str], rows: Iterable[demand.ItemDay], since: str) -> list[int]:
    """What each item brought since a day, returns off, in the order of `skus`."""
    sums = dict.fromkeys(skus, 0)
    for row in rows:
        if row.sku in sums and row.business_day >= since:
            sums[row.sku] += row.net_minor
    return [max(0, _rounded(each)) for each in sums.values()]


def _rows(
    history: History, made: Forecast, terms: list[_Terms], service_ppm: list[int], sold_minor: list[int]
) -> list[list[Any]]:
    days = np.array([max(1, each.lead_days + each.review_days) for each in terms], dtype=np.float64)
    mean = made.by_weekday.sum(axis=1) * days / WEEK
    variance = made.variance_week * days / WEEK
    safety = safety_stock(mean, variance, np.array(service_ppm, dtype=np.float64) / 1_000_000)
    rows: list[list[Any]] = []
    for at, sku in enumerate(history.skus):
        term, seen, sold = terms[at], int(made.seen_days[at]), int(made.sale_days[at])
        basis = {
            "method": _method(seen, sold, float(made.by_weekday[at].sum())),
            "service_ppm": service_ppm[at],
            "uplift_ppm": _rounded(made.uplift[at] * 1_000_000),
            "seen_days": seen,
            "sale_days": sold,
            "out_days": int(made.out_days[at]),
            "sold_minor": sold_minor[at],
        }
        weekdays = [_rounded(each * 1000) for each in made.by_weekday[at]]
        rows.append(
            [
                sku,
                json.dumps(weekdays, separators=(",", ":")),
                _rounded(safety[at] * 1000),
                term.source_kind,
                term.source_id,
                term.lead_days,
                term.review_days,
                term.pack_milli,
                term.minimum_milli,
                term.unit_cost_minor,
                canonical_bytes(basis).decode(),
            ]
        )
    return rows


def _method(seen_days: int, sale_days: int, week: float) -> str:
    if week <= 0:
        return "none"
    if seen_days < NEW_DAYS:
        return "new"
    return "regular" if sale_days >= OFTEN_SHARE * seen_days else "intermittent"


def _rounded(value: float) -> int:
    """Three figures: what changes less is not sent again."""
    return int(float(f"{float(value):.3g}"))


def _places(txn: Txn) -> list[StorePlace]:
    return [StorePlace.from_row(row) for row in feed.rows_of(txn, "store", "chain")]


def _departments(txn: Txn, skus: set[str]) -> dict[str, str]:
    """SKU → department of items that head office knows."""
    return {row[0]: row[5] or "" for row in feed.rows_of(txn, "item", "chain") if row[0] in skus}


def _counted_on(hlc: str | None, zone: str) -> date | None:
    if hlc is None:
        return None
    return moment_of(parse_hybrid_time(hlc).physical_ms, ZoneInfo(zone)).date()
