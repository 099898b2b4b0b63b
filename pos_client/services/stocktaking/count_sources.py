"""What is known here of stocktakes, whoever told: this journal, neighbours on the local network, head office.

Each document counts once. Head office has folded some of them into its results; the others come on top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pos_client.journal import own_facts, stocktake
from pos_client.journal.own_facts import After
from pos_client.journal.stocktake import SeenItem
from pos_client.peers import stocktake as peer_stocktake
from pos_client.peers.facts import PeerAfter
from pos_client.replica import series_points, stock
from pos_client.replica.stock import CountResult, CountRound, StockRow
from pos_client.services.counter import Counter
from pos_client.storage.connection import Connection
from pos_core.sync.folds.facts import Counted, StockMoved

_Told = tuple[dict[str, CountResult], dict[str, CountRound], dict[str, StockRow]]


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One stocktake.

    Attributes:
        results, rounds, on_hand: as head office folded them.
        unheard: SKU → its counts that it has not folded, ours and those of neighbours.
        others: SKU → counts of the item outside the session that it has not folded.
        moved: SKU → movements that it has not folded; `moved_there`: of those, what neighbours told.
        rounds_seen: SKU → the highest round of any count that was written here or that a neighbour told of.
    """

    results: dict[str, CountResult]
    rounds: dict[str, CountRound]
    on_hand: dict[str, StockRow]
    unheard: dict[str, list[Counted]]
    others: dict[str, list[Counted]]
    moved: dict[str, list[StockMoved]]
    moved_there: dict[str, list[StockMoved]]
    rounds_seen: dict[str, int]


@dataclass(frozen=True, slots=True)
class SessionKnown:
    """A stocktake at a glance: which items, when somebody last counted, the highest round."""

    items: frozenset[str]
    last_hlc: str
    round: int


class CountSources:
    """Any thread; each call is a few reads."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def documents(self) -> list[dict[str, Any]]:
        """Every `count_opened` and `count_approved`, oldest first: `type, hlc, occurred_at_ms, operator_id,

        body` and more.
        """
        counter = self._counter
        found = counter.replica.read(stock.count_steps)
        found.update(counter.shared.told_by_peers(peer_stocktake.documents))
        found.update(counter.journal.read(stocktake.documents))
        return [found[place] for place in sorted(found, key=lambda each: (found[each]["hlc"], each))]

    def sessions(self) -> dict[str, SessionKnown]:
        """By name."""
        counter = self._counter
        items: dict[str, list[SeenItem]] = defaultdict(list)
        for source in (
            counter.journal.read(stocktake.sessions),
            counter.shared.told_by_peers(peer_stocktake.sessions),
            counter.replica.read(stock.result_items),
        ):
            for session_id, seen in source.items():
                items[session_id] += seen
        return {
            session_id: SessionKnown(
                frozenset(sku for sku, _, _ in seen),
                max(hlc for _, hlc, _ in seen),
                max(round_ for _, _, round_ in seen),
            )
            for session_id, seen in items.items()
        }

    def counters(self, session_id: str) -> dict[str, set[tuple[int, str]]]:
        """SKU → `(round, employee)`: whoever counted it, as far as anybody told; of what head office folded

        elsewhere the highest round alone.
        """
        counter = self._counter
        found: dict[str, set[tuple[int, str]]] = defaultdict(set)
        for sku, round_, person in counter.journal.read(lambda c: stocktake.item_counters(c, session_id)):
            found[sku].add((round_, person))
        told = counter.shared.told_by_peers(lambda c: peer_stocktake.item_counters(c, session_id))
        for sku, seen in told.items():
            found[sku] |= seen
        for sku, known in counter.replica.read(lambda c: stock.rounds_of(c, session_id)).items():
            found[sku] |= {(known.round, person) for person in known.counters}
        return dict(found)

    def facts(self, session_id: str) -> SessionFacts:
        """A session and what moved beside it, of one moment of head office's."""
        counter = self._counter

        def read(c: Connection) -> tuple[_Told, PeerAfter]:
            told = (stock.results_of(c, session_id), stock.rounds_of(c, session_id), stock.on_hand_of_all(c))
            return told, series_points.all_folded(c)

        told, points = counter.replica.read(read)
        own = counter.identity.workstation_id
        after = {incarnation: number for (name, incarnation), number in points.items() if name == own}
        mine = counter.journal.read(lambda c: stocktake.session_counts(c, session_id))
        there = counter.shared.told_by_peers(lambda c: peer_stocktake.counts(c, points))
        unheard: dict[str, list[Counted]] = defaultdict(list)
        seen: dict[str, int] = defaultdict(lambda: 1)
        for sku, found in mine.items():
            seen[sku] = max(each.round for each in found)
            late = [each for each in found if each.stamp.number > after.get(each.stamp.incarnation, 0)]
            if late:
                unheard[sku] += late
        for sku, found in there.items():
            of_session = [each for each in found if each.session == session_id]
            if of_session:
                unheard[sku] += of_session
                seen[sku] = max(seen[sku], *(each.round for each in of_session))
        skus = {*unheard, *told[0]}
        moved_there = counter.shared.told_by_peers(lambda c: peer_stocktake.movements(c, points, skus))
        moved, others = self._beside(session_id, after, seen.keys() - mine.keys())
        for sku in skus:
            moved[sku] = [*moved.get(sku, []), *moved_there.get(sku, [])]
            also = [each for each in there.get(sku, []) if each.session != session_id]
            others[sku] = [*others.get(sku, []), *also]
        return SessionFacts(*told, dict(unheard), others, moved, moved_there, dict(seen))

    def _beside(
        self, session_id: str, after: After, counted_there: Iterable[str]
    ) -> tuple[dict[str, list[StockMoved]], dict[str, list[Counted]]]:
        """What we wrote of a session's items besides its counts: movements, and counts of other sessions."""
        journal = self._counter.journal
        moved = journal.read(lambda c: stocktake.session_movements(c, session_id, after))
        others = journal.read(lambda c: stocktake.other_counts(c, session_id, after))
        for sku in counted_there:
            own = journal.read(partial(own_facts.stock_facts, after=after, sku=sku))
            moved[sku] = [each for each in own if isinstance(each, StockMoved)]
            others[sku] = [each for each in own if isinstance(each, Counted)]
        return moved, others
