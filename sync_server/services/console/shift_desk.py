"""Shifts and Z reports of all stores: lists with totals by means of payment, and one with what it sums.

Figures are folded as documents come (store/shift_sums.py). A Z report's own word stands beside them: where
they differ, documents came to light after the settlement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pos_core.cash.policy import parse_cash_policy
from pos_core.errors import InvalidInput, Refusal
from sync_server.services.console.documents import stores_in
from sync_server.services.console.periods import Period
from sync_server.services.importing.context import chain_view
from sync_server.store import feed, masters, shift_list, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.shift_list import Asked, Key, SalesAsked

SHOWN = 100
SALES_SHOWN = 200
EXPORTED_AT_ONCE = 3000
DAYS_MAX = 31
"""A month of a thousand tills is what one page may add up."""
Row = Mapping[str, Any]


class NoSuchShift(Refusal):
    """No shift of this name, or none of this region."""

    code = "no_such_shift"


class TooManyDays(InvalidInput):
    """More days than shifts are listed of at once; `facts["days_max"]`."""

    code = "shift_days_too_many"


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift with its names.

    Attributes:
        figures: the columns of `shift_sum`; with a tender asked for also `tender_…`.
    """

    figures: Row
    store_name: str
    workstation_name: str
    operator: str

    @property
    def key(self) -> Key:
        """Its place in lists."""
        row = self.figures
        return row["business_day"], row["store_id"], row["workstation_id"], row["shift_id"]

    @property
    def net_sales_minor(self) -> int:
        """Sales less returns, without money of purses and gift cards."""
        row = self.figures
        return int(row["sales_minor"] - row["returns_minor"] - row["purse_minor"])

    @property
    def late_minor(self) -> int:
        """By how much its net is more than its settlement says; 0 where that says nothing."""
        row = self.figures
        if row["stated_sales_minor"] is None or row["stated_returns_minor"] is None:
            return 0
        stated = row["stated_sales_minor"] - row["stated_returns_minor"]
        return int(row["sales_minor"] - row["returns_minor"] - stated)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of shifts, where the next begins, and totals of all that were asked for."""

    shifts: Sequence[Shift]
    after: Key | None
    total: Row
    tenders: Sequence[Row]
    names: Mapping[str, tuple[str, str]]
    stores: Sequence[tuple[str, str]]
    workstations: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Opened:
    """One shift: its tenders, and its documents but for sales and returns, with who made each.

    `reasons`: use (kind of movement, `no_sale`, `over_short`) and code → Chinese and English name.
    """

    shift: Shift
    tenders: Sequence[Row]
    names: Mapping[str, tuple[str, str]]
    acts: Sequence[Row]
    people: Mapping[str, str]
    reasons: Mapping[tuple[str, str], tuple[str, str]]


class ShiftDesk:
    """Reads; with `region` its stores alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self, region: str | None, asked: Asked, store_id: str, after: Key | None) -> Listed:
        """`store_id` "": all that the person sees."""

        def read(txn: Txn) -> Listed:
            wanted = _narrowed(txn, region, asked, store_id)
            rows = shift_list.page(txn, wanted, after, SHOWN + 1)
            shifts = _named(txn, rows[:SHOWN])
            total, tenders = shift_list.totals(txn, wanted)
            known = chain_view(txn).stores
            stores = [(name, str(known[name]["name"])) for name in sorted(stores_in(txn, region))]
            tills = workstation.names_of_store(txn, store_id) if store_id in dict(stores) else []
            more = shifts[-1].key if len(rows) > SHOWN else None
            return Listed(shifts, more, total, tenders, _tender_names(txn), stores, tills)

        return self._store.read(read)

    def every(
        self, region: str | None, asked: Asked, store_id: str, *, tenders: bool
    ) -> Iterator[tuple[Shift, list[Row]]]:
        """All of them, with their `tenders` where those are wanted, a page at a time."""
        wanted = self._store.read(lambda txn: _narrowed(txn, region, asked, store_id))
        after: Key | None = None
        while True:
            found = self._store.read(partial(_exported, wanted, after, tenders))
            yield from found
            if len(found) < EXPORTED_AT_ONCE:
                return
            after = found[-1][0].key

    def one(self, region: str | None, workstation_id: str, shift_id: str) -> Opened:
        """Raises NoSuchShift."""

        def read(txn: Txn) -> Opened:
            row = _one(txn, region, workstation_id, shift_id)
            acts = shift_list.acts(txn, row)
            people = masters.employees(txn, sorted(_people(acts)))
            tenders = shift_list.tenders(txn, [(workstation_id, shift_id)])
            names = {name: f"{each.operator_number} {each.name}" for name, each in people.items()}
            return Opened(_named(txn, [row])[0], tenders, _tender_names(txn), acts, names, _reasons(txn))

        return self._store.read(read)

    def sales(
        self,
        region: str | None,
        place: tuple[str, str],
        asked: SalesAsked,
        after: tuple[int, int] | None,
    ) -> tuple[Shift, list[Row], tuple[int, int] | None]:
        """`place`: workstation and shift. Gives where the next page begins too. Raises NoSuchShift."""

        def read(txn: Txn) -> tuple[Shift, list[Row], tuple[int, int] | None]:
            row = _one(txn, region, *place)
            found: list[Row] = list(shift_list.sales(txn, row, asked, after, SALES_SHOWN + 1))
            shown = found[:SALES_SHOWN]
            last = shown[-1] if len(found) > SALES_SHOWN else None
            more = None if last is None else (last["incarnation"], last["number"])
            return _named(txn, [row])[0], shown, more

        return self._store.read(read)


def _exported(wanted: Asked, after: Key | None, tenders: bool, txn: Txn) -> list[tuple[Shift, list[Row]]]:
    shifts = _named(txn, shift_list.page(txn, wanted, after, EXPORTED_AT_ONCE))
    keys = [(each.figures["workstation_id"], each.figures["shift_id"]) for each in shifts]
    found: dict[tuple[str, str], list[Row]] = {key: [] for key in keys}
    for row in shift_list.tenders(txn, keys) if tenders else ():
        found[row["workstation_id"], row["shift_id"]].append(row)
    return [(each, found[key]) for each, key in zip(shifts, keys, strict=True)]


def checked(period: Period) -> Period:
    """Raises TooManyDays."""
    if len(list(period.days())) > DAYS_MAX:
        raise TooManyDays(f"at most {DAYS_MAX} days", field="days", days_max=DAYS_MAX)
    return period


def _narrowed(txn: Txn, region: str | None, asked: Asked, store_id: str) -> Asked:
    there = stores_in(txn, region)
    if store_id:
        return replace(asked, stores={store_id} & there)
    return asked if region is None else replace(asked, stores=there)


def _one(txn: Txn, region: str | None, workstation_id: str, shift_id: str) -> dict[str, Any]:
    row = shift_list.one(txn, workstation_id, shift_id)
    if row is None or row["store_id"] not in stores_in(txn, region):
        raise NoSuchShift("no such shift")
    return row


def _named(txn: Txn, rows: Sequence[Row]) -> list[Shift]:
    stores = chain_view(txn).stores
    tills = workstation.names(txn, sorted({row["workstation_id"] for row in rows}))
    people = masters.employees(txn, sorted({row["operator_id"] for row in rows if row["operator_id"]}))
    made = []
    for row in rows:
        about, person = stores.get(row["store_id"]), people.get(row["operator_id"] or "")
        made.append(
            Shift(
                row,
                str(about["name"]) if about else "",
                str(tills.get(row["workstation_id"], row["workstation_id"])),
                f"{person.operator_number} {person.name}" if person else str(row["operator_id"] or ""),
            )
        )
    return made


def _people(acts: Sequence[Row]) -> set[str]:
    found = {row["operator_id"] for row in acts}
    for row in acts:
        found |= {row["body"].get(name) for name in ("approved_by", "to_operator_id")}
    return {name for name in found if name}


def _tender_names(txn: Txn) -> dict[str, tuple[str, str]]:
    """Code → Chinese and English name."""
    return {row[0]: (row[2], row[3]) for row in feed.rows_of(txn, "tender_type", "chain")}


def _reasons(txn: Txn) -> dict[tuple[str, str], tuple[str, str]]:
    chain = chain_view(txn)
    cash = parse_cash_policy(chain.policies.get("cash"), currency=chain.currency)
    return {
        (use, each.code): (each.name, each.name_en) for use, rows in cash.reasons.items() for each in rows
    }
