"""Stocktakes: begun, continued, planned, and how each stands.

Workstations that do not hear each other count into one session when they give it one name: the business day
and a number. Every one that joins writes its own `count_opened`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pos_client.journal import stocktake
from pos_client.replica import replenishment, stock
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.working_list import WorkingList
from pos_client.services.ports import NoPeers, PeersPort
from pos_client.services.refusals.goods import UnknownList
from pos_client.services.staff.approvals import Approvals
from pos_client.services.stocktaking.count_list import KIND, CountList
from pos_client.services.stocktaking.count_review import CountReview
from pos_client.services.stocktaking.count_scope import CountScope
from pos_client.services.stocktaking.count_sources import CountSources
from pos_core.clock import parse_hybrid_time
from pos_core.stock.cyclic import VALUE_DAYS, CyclicItem, Due, due
from pos_core.stock.stocktake import (
    Area,
    CountKind,
    checked_session_id,
    session_id_of,
)

PLAN_MAX = 500


@dataclass(frozen=True, slots=True)
class SessionView:
    """A stocktake that something is known of.

    Attributes:
        item_count: items counted, as far as anybody told.
        last_ms: when somebody last counted into it.
        round: the highest round that is known.
        approved: whether it was approved, as far as anybody told.
    """

    session_id: str
    item_count: int
    last_ms: int
    round: int
    approved: bool


@dataclass(frozen=True, slots=True)
class CountPlan:
    """What to count today.

    Attributes:
        of_store: the classes are made of the whole store's sales as head office knew them at `as_of_ms`;
            else of this workstation's own, of now.
    """

    due: tuple[Due, ...]
    of_store: bool
    as_of_ms: int | None


class Stocktaking:
    """See the module."""

    def __init__(
        self, counter: Counter, room: StockRoom, approvals: Approvals, peers: PeersPort | None = None
    ) -> None:
        self._counter = counter
        self._room = room
        self._approvals = approvals
        self._sources = CountSources(counter)
        self._live = (peers or NoPeers()).live

    def named(self, text: str) -> str:
        """`""` is today's first count, `"2"` its second, `"20261127-1"` another day's.

        Raises BadCountSession.
        """
        text = text.strip()
        if "-" in text:
            return checked_session_id(text)
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0 if text else 1
        return session_id_of(self._counter.business_day(), number)

    def lists(self) -> list[CountList]:
        """Lists that were paused, oldest first. Raises NotSignedOn, NotAllowed."""
        self._room.require("count")
        return [
            CountList(self._counter, self._room, kept, self._sources, self._live)
            for kept in WorkingList.kept_lists(self._counter, KIND)
        ]

    def list_of(self, list_id: str) -> CountList:
        """Raises UnknownList, NotSignedOn, NotAllowed."""
        found = next((each for each in self.lists() if each.kept.list_id == list_id), None)
        if found is None:
            raise UnknownList("no such list here", list_id=list_id[:64])
        return found

    def begin(
        self,
        session_id: str,
        kind: CountKind = "full",
        *,
        scope: Sequence[str] = (),
        area: Area = "",
        shelf: str = "",
        blind: bool | None = None,
        round_: int = 1,
        wanted: Sequence[str] = (),
    ) -> Future[CountList]:
        """A new list; `count_opened` is on disk when the future resolves.

        `blind` None is the chain's rule. `wanted` are SKUs that must be counted here. Raises NotSignedOn,
        NotAllowed, BadCountSession, UnknownCode.
        """
        self._room.require("count")
        counter, room, sources = self._counter, self._room, self._sources
        session = checked_session_id(session_id)
        is_blind = room.policy.blind if blind is None else blind
        items = [room.item(sku) for sku in wanted]
        body: dict[str, Any] = {"session_id": session, "kind": kind, "blind": is_blind}
        if scope:
            body["scope"] = list(scope)
        data = {
            "session_id": session,
            "kind": kind,
            "scope": list(scope),
            "area": area,
            "shelf": shelf.strip()[:64],
            "blind": is_blind,
            "round": round_,
        }

        def opened(_: object) -> CountList:
            made = CountList(counter, room, WorkingList.begin(counter, KIND, data), sources, self._live)
            for item in items:
                made.want(item)
            return made

        return then(counter.record([counter.draft("count_opened", body)]), opened)

    def departments(self) -> CountScope:
        """What a count by department may be limited to."""
        return CountScope(self._counter.replica)

    def sessions(self) -> list[SessionView]:
        """Every stocktake that is known here, the newest first. Raises NotSignedOn, NotAllowed."""
        self._room.require("count")
        approved = {
            each["body"]["session_id"]
            for each in self._sources.documents()
            if each["type"] == "count_approved"
        }
        found = [
            SessionView(
                session_id, len(known.items), _ms(known.last_hlc), known.round, session_id in approved
            )
            for session_id, known in self._sources.sessions().items()
        ]
        return sorted(found, key=lambda view: (view.last_ms, view.session_id), reverse=True)

    def review(self, session_id: str) -> CountReview:
        """How a session stands now. Raises NotSignedOn, NotAllowed, BadCountSession, UnknownCount."""
        self._room.require("count")
        session = checked_session_id(session_id)
        return CountReview(self._counter, self._room, self._approvals, session, self._sources)

    def plan(self, most: int = 50) -> CountPlan:
        """What to count today: the dearest often, the rest seldom, what was wrong sooner.

        Values are the whole store's sales of `VALUE_DAYS`, which come with the nightly forecast, else this
        workstation's; errors those of each item's newest stocktake. Raises NotSignedOn, NotAllowed.
        """
        self._room.require("count")
        replica = self._counter.replica
        said = replica.read(replenishment.sold_minor)
        since = date.fromisoformat(self._counter.business_day()) - timedelta(days=VALUE_DAYS)
        own = self._counter.journal.read(lambda c: stocktake.sold_since(c, since.isoformat()))
        sold = own if said is None else said
        known = replica.read(stock.on_hand_of_all)
        errors = {
            each.sku: each.counted_milli - each.expected_milli for each in replica.read(stock.results_of_all)
        }
        items = []
        for sku, _ in replica.read(stock.active_items):
            row = known.get(sku)
            if row is None and sku not in own and sku not in sold:
                continue  # not a thing of this store
            hlc = None if row is None else row.counted_at_hlc
            items.append(
                CyclicItem(sku, sold.get(sku, 0), None if hlc is None else _ms(hlc), errors.get(sku, 0))
            )
        found = due(items, now_ms=self._counter.time.now_ms(), most=min(most, PLAN_MAX))
        as_of_ms = None if said is None else replica.read(replenishment.worked_out_at_ms)
        return CountPlan(tuple(found), said is not None, as_of_ms)


def _ms(hlc: str) -> int:
    return parse_hybrid_time(hlc).physical_ms
