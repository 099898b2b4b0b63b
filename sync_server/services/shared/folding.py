"""Folding what came in: each key's state is loaded once a batch, stepped by its facts, written once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from pos_core.clock import HybridTime
from pos_core.sync.folds import HQ, Fact, Fold, Stamp, State, StateKey, budget, facts_of
from pos_core.sync.folds.facts import (
    ClockBounded,
    Counted,
    IdUsed,
    LineReturned,
    LineSold,
    ProfileEdited,
)
from pos_core.sync.folds.late import step_late
from pos_core.sync.folds.returned_line import line_key
from pos_core.sync.folds.stamp import document_key
from pos_core.sync.rulings import Ruling, Terms, terms_from_policy
from pos_core.sync.rulings.clock_out_of_bounds import bound_at, bounded
from sync_server.services.keys import ChainKeys
from sync_server.services.shared.boxes import Opened
from sync_server.services.shared.count_steps import TYPES as COUNT_STEPS
from sync_server.services.shared.count_steps import publish as publish_count_steps
from sync_server.services.shared.cut import Cut, Document, cut
from sync_server.services.shared.hq_facts import hq_fact_from, hq_row
from sync_server.services.shared.joined import Joined
from sync_server.services.shared.members import MemberRows
from sync_server.services.shared.receipt_returns import publish as publish_returns
from sync_server.services.shared.slices import Slices
from sync_server.services.shared.standing import Standing
from sync_server.services.shared.stretch import TRADES, Stretch
from sync_server.store import erasure, feed, fold_state, masters
from sync_server.store.engine import Txn

FOLD_FAULTS: tuple[type[Exception], ...] = (
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AssertionError,
)
"""A crash on what a document says: that document goes to quarantine, the ones behind it go on."""
HqFact = Callable[[Stamp], Fact]
"""Makes a fact of head office's own from the stamp that it gets."""


class Folding:
    """Takes facts. One a process; holds nothing but what it learned of known ids."""

    def __init__(self, keys: ChainKeys) -> None:
        members = MemberRows(keys)
        self._slices = Slices(members)
        self._joined = Joined(keys, members)
        self._known: dict[str, set[str]] = {"item": set(), "member": set()}

    def take(
        self,
        txn: Txn,
        stretch: Stretch,
        *,
        now_ms: int,
        late: bool = False,
        ready: Cut | None = None,
    ) -> None:
        """Fold applied documents of one series, in order, and rule on what changed.

        `late`: let out of quarantine, after its successors; `now_ms` is then when it was received. `ready`:
        its telling documents, cut before. Raises nothing for what documents say: they have passed the
        checks of `applicability`.
        """
        documents, last = stretch.telling, stretch.last
        opened = self._joined.open(txn, documents)
        said, ahead = self._said(txn, stretch, now_ms, ready)
        if opened:
            holders = self._as_hq(txn, self._joined.holders(txn, opened))
            said = Cut.of([*holders, *self._joined.with_phones(said.facts, opened)])
        follows = _follow(txn, said, now_ms, ahead=ahead, late=late) if said.facts or ahead else None
        if not late:
            self._slices.points_of_series(
                txn, last.store_id, last.workstation_id, last.incarnation, last.number
            )
        self._joined.enter(txn, opened)
        if follows is not None:
            states, touched, standing = follows
            self._slices.publish(txn, states, touched)
            self._slices.rulings(txn, standing, now_ms)
        kinds = {each["type"] for each in documents}
        if not kinds.isdisjoint(TRADES):
            self._slices.visitors(txn, documents)
            publish_returns(txn, documents)
        if not kinds.isdisjoint(COUNT_STEPS):
            publish_count_steps(txn, documents, now_ms=now_ms)

    def take_keys(self, txn: Txn, opened: Sequence[Opened], *, now_ms: int) -> None:
        """Documents that were folded already and whose boxes can be opened from now on."""
        if not opened:
            return
        holders = self._as_hq(txn, self._joined.holders(txn, opened))
        again = Cut.of([*holders, *self._joined.facts_again(txn, opened)])
        states, touched, standing = _follow(txn, again, now_ms)
        self._joined.enter(txn, opened)
        self._slices.publish(txn, states, touched)
        self._slices.rulings(txn, standing, now_ms)

    def take_hq(self, txn: Txn, facts: Sequence[HqFact], *, now_ms: int) -> list[Stamp]:
        """Facts of head office's own: a tier, an opening balance, a split. Returns their stamps."""
        number = fold_state.next_hq_number(txn)
        hlc = HybridTime(now_ms, 0).as_text()
        made = [make(Stamp(hlc, HQ, 1, number + place)) for place, make in enumerate(facts)]
        fold_state.put_hq_facts(txn, [hq_row(fact) for fact in made])
        states, touched, standing = _follow(txn, Cut.of(made), now_ms)
        self._slices.publish(txn, states, touched)
        self._slices.rulings(txn, standing, now_ms)
        return [fact.stamp for fact in made]

    def _as_hq(self, txn: Txn, facts: Sequence[ProfileEdited]) -> list[Fact]:
        """Facts of head office's own with hybrid times of their own, numbered and kept."""
        number = fold_state.next_hq_number(txn) if facts else 0
        made: list[Fact] = [
            replace(fact, stamp=Stamp(fact.stamp.hlc, HQ, 1, number + place))
            for place, fact in enumerate(facts)
        ]
        fold_state.put_hq_facts(txn, [hq_row(fact) for fact in made])
        return made

    def rule(self, txn: Txn, rulings: Sequence[Ruling], *, now_ms: int) -> None:
        """Rulings that follow from documents or their receipt and stand for good; again is fine."""
        if rulings:
            standing = Standing(txn, terms_of(txn), now_ms)
            standing.add(rulings)
            standing.write()
            self._slices.rulings(txn, standing, now_ms)

    def rule_anew(self, txn: Txn, rule: str, now: Mapping[str, Sequence[Ruling]], *, now_ms: int) -> None:
        """Rulings of a rule that was asked again: key → what it says now, which may be nothing."""
        standing = Standing(txn, terms_of(txn), now_ms)
        standing.state_anew(rule, now)
        standing.write()
        self._slices.rulings(txn, standing, now_ms)

    def _said(
        self, txn: Txn, stretch: Stretch, now_ms: int, ready: Cut | None
    ) -> tuple[Cut, list[ClockBounded]]:
        documents, last = stretch.telling, stretch.last
        late = _bounded(txn, stretch, now_ms)
        bounds = {bound.stamp.number: bound.bound for bound in late}
        said = ready if ready is not None and not bounds else cut(documents, bounds)
        awaited = fold_state.awaited(txn, last.workstation_id, last.incarnation)
        sold = [
            fact
            for document in (documents if awaited else ())
            if document["number"] in awaited
            for fact in _sold(document, bounds.get(document["number"]))
        ]
        return said.with_more([*_that_came_back(txn, sold), *self._unknown_ids(txn, documents, bounds)]), late

    def _unknown_ids(
        self, txn: Txn, documents: Sequence[Document], bounds: Mapping[int, str]
    ) -> Iterator[Fact]:
        """Uses of items and members that head office does not know at receipt."""
        trades = [each for each in documents if each["type"] in TRADES]
        if not trades:
            return
        skus = {line["sku"] for each in trades for line in each["body"]["lines"]}
        members = {each["body"]["member_id"] for each in trades if each["body"]["member_id"] is not None}
        joined = {each["body"]["member_id"] for each in documents if each["type"] == "member_joined"}
        unknown = {
            ("item", sku) for sku in self._unknown(txn, "item", skus, lambda keys: _items(txn, keys))
        } | {
            ("member", member_id)
            for member_id in self._unknown(txn, "member", members - joined, lambda keys: _members(txn, keys))
        }
        if not unknown:
            return
        # The first use of a store is all that counts: first by stamp, for a batch may begin anywhere.
        first: dict[tuple[str, str], IdUsed] = {}
        for document in trades:
            for fact in facts_of(document, document["body"], hlc_bound=bounds.get(document["number"])):
                if isinstance(fact, IdUsed) and (fact.kind, fact.id) in unknown:
                    known = first.setdefault((fact.kind, fact.id), fact)
                    if (fact.stamp, fact.amount_minor) < (known.stamp, known.amount_minor):
                        first[fact.kind, fact.id] = fact
        yield from first.values()

    def _unknown(
        self, txn: Txn, kind: str, ids: set[str], look_up: Callable[[list[str]], set[str]]
    ) -> set[str]:
        known = self._known[kind]
        wanted = sorted(ids - known)
        if wanted:
            known |= look_up(wanted)
        return ids - known


def terms_of(txn: Txn) -> Terms:
    """The chain's choices in rulings."""
    return terms_from_policy(feed.policy(txn, "rulings"))


def _follow(
    txn: Txn, said: Cut, now_ms: int, *, ahead: Sequence[ClockBounded] = (), late: bool = False
) -> tuple[dict[StateKey, State], dict[StateKey, Fact], Standing]:
    """The states that facts change, a fact of each, and what is ruled of them; all of it is written."""
    terms = terms_of(txn)
    states, touched = fold(txn, said, terms, late=late)
    standing = Standing(txn, terms, now_ms)
    standing.of_states(states)
    standing.of_clocks(ahead)
    standing.write()
    return states, touched, standing


def fold(
    txn: Txn, said: Cut, terms: Terms, *, late: bool = False
) -> tuple[dict[StateKey, State], dict[StateKey, Fact]]:
    """Steps the states of all keys that facts touch and writes those that changed.

    Returns the changed states, and for each key a fact of it (which store, which item …).
    """
    said = said.with_more(_sales_of_returns(txn, said.facts))
    by_place = {place: found for place, found in said.states.items() if _is_kept(place, terms)}
    touched = {place: _named(*found) for place, found in by_place.items()}
    before = fold_state.get(txn, touched)
    now: dict[StateKey, State] = dict(before)
    for place, (fold_, found) in by_place.items():
        past = partial(history, txn, fold_, place[1])
        state = before.get(place)
        for fact in found if late else ():
            state = step_late(fold_, state, fact, past)
        after = state if late else fold_.steps(state, found, past)
        assert after is not None
        now[place] = after
    changed = {place: state for place, state in now.items() if state is not before.get(place)}
    fold_state.put(txn, changed)
    return changed, touched


def _named(fold_: Fold, facts: Sequence[Fact]) -> Fact:
    """The fact that tells of a key's state: a count stays named beside sales, else the last one is."""
    if Counted not in fold_.takes:
        return facts[-1]
    return next((fact for fact in facts if isinstance(fact, Counted)), facts[-1])


def history(txn: Txn, fold_: Fold, key: str) -> Iterator[Fact]:
    """Every fact so far of a key of stock or counts, from the ledger; doubles do no harm."""
    store_id, _, sku = key.partition("/")
    bounds: dict[tuple[str, int], dict[int, str]] = {}
    for workstation_id, incarnation, number, data in fold_state.documents_moving(txn, store_id, sku):
        own = (workstation_id, incarnation)
        if own not in bounds:
            bounds[own] = fold_state.bounds(txn, *own)
        document = json.loads(data)
        for fact in facts_of(document, document["body"], hlc_bound=bounds[own].get(number), lean=True):
            if isinstance(fact, fold_.takes) and fold_.key(fact) == key:
                yield fact
    for number, kind, text in fold_state.hq_facts(txn):
        for taken in fold_.takes:
            if kind == taken.__name__:
                fact = hq_fact_from(number, taken, text)
                if fold_.key(fact) == key:
                    yield fact


def _is_kept(place: StateKey, terms: Terms) -> bool:
    """A budget is folded only where a limit exists: most promotions have none."""
    return place[0] != budget.FOLD.name or place[1] in terms.limits


def _bounded(txn: Txn, stretch: Stretch, now_ms: int) -> list[ClockBounded]:
    """Documents whose clock runs ahead; their bounds are kept, and those of a series never fall."""
    if stretch.latest_hlc <= bound_at(now_ms):
        return []
    found = [bound for each in stretch.every() if (bound := bounded(each, now_ms)) is not None]
    highest = fold_state.highest_bound(txn, stretch.last.workstation_id, stretch.last.incarnation)
    if highest is not None and highest > found[0].bound:
        found = [_raised(bound, min(highest, bound.claimed)) for bound in found]
    rows = [(b.stamp.workstation_id, b.stamp.incarnation, b.stamp.number, b.claimed, b.bound) for b in found]
    fold_state.put_bounds(txn, rows)
    return found


def _raised(bound: ClockBounded, hlc: str) -> ClockBounded:
    stamp = bound.stamp
    moved = Stamp(hlc, stamp.workstation_id, stamp.incarnation, stamp.number, stamp.place)
    return ClockBounded(moved, bound.store_id, bound.claimed, hlc)


def _that_came_back(txn: Txn, sold: Sequence[LineSold]) -> list[LineSold]:
    """Of an awaited sale's lines only those that a return named: others have no state in any interleaving."""
    places = {("returned_line", line_key(fact.stamp.document, fact.line_no)): fact for fact in sold}
    known = fold_state.get(txn, places)
    return [fact for place, fact in places.items() if place in known]


def _sold(document: Document, bound: str | None) -> list[LineSold]:
    return [
        fact for fact in facts_of(document, document["body"], hlc_bound=bound) if isinstance(fact, LineSold)
    ]


def _sales_of_returns(txn: Txn, facts: Iterable[Fact]) -> list[Fact]:
    """The sold lines that the first return of each asks for; sales that are not here yet are awaited."""
    wanted = {line_key(fact.origin, fact.line_no): fact for fact in facts if isinstance(fact, LineReturned)}
    known = fold_state.get(txn, [("returned_line", key) for key in wanted])
    missing = {fact.origin for key, fact in wanted.items() if ("returned_line", key) not in known}
    found: list[Fact] = []
    for origin in sorted(missing):
        workstation_id, incarnation, number = origin.rsplit("/", 2)
        place = (workstation_id, int(incarnation), int(number))
        data = fold_state.document_at(txn, place)
        if data is None:
            fold_state.await_sales(txn, [place])
            continue
        document = json.loads(data)
        if document["type"] == "sale":
            bound = fold_state.bounds(txn, *place[:2]).get(place[2])
            assert document_key(*place) == origin
            found += [fact for fact in _sold(document, bound) if line_key(origin, fact.line_no) in wanted]
    return found


def _items(txn: Txn, skus: list[str]) -> set[str]:
    return set(masters.feed_rows_by_key(txn, "item", "chain", [[sku] for sku in skus]))


def _members(txn: Txn, member_ids: list[str]) -> set[str]:
    joined = fold_state.get(txn, [("member_profile", member_id) for member_id in member_ids])
    known = set(masters.members(txn, member_ids)) | {key for _, key in joined}
    return known | erasure.erased_among(txn, member_ids)
