"""Baskets put aside and taken up again: `basket_held`, `basket_recalled`, `basket_abandoned`.

Each step is one transaction: its document, the row of the held basket, and the basket on the screen. So
after a kill a basket is either on the screen or on hold, never both and never gone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, TypeVar

from pos_client.journal import baskets, passing
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.draft import Draft
from pos_client.journal.passing import NotOnHold
from pos_client.replica import receipt_returns
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.basket.basket_view import view_of
from pos_client.services.basket.reprice import priced_anew
from pos_client.services.counter import Counter
from pos_client.services.futures import done, then
from pos_client.services.own_state import basket_bytes, held_count, keep_basket
from pos_client.services.ports import PeersPort
from pos_client.services.pricing.pricing import Priced
from pos_client.services.refusals.basket import (
    BasketEmpty,
    BasketNotEmpty,
    HeldElsewhere,
    TooManyHeld,
    UnknownHeld,
)
from pos_client.services.staff.approvals import Action, Approvals, approval_drafts, basket_approvals
from pos_client.services.views.basket import HeldView, PriceChange, RecalledView
from pos_client.storage.connection import Connection
from pos_core.ids import uuid7
from pos_core.sale.basket import Basket
from pos_core.sale.basket_json import BadBasket, basket_from_json
from pos_core.sale.sale_body import unsold_body

T = TypeVar("T")
STRANDED_AFTER_MS = 10_000
"""A hand-over is acknowledged within seconds; after this it is shown."""
HELD_MAX = 50
"""Baskets on hold at one workstation: more than any counter holds, few enough for one list."""


class Holding:
    """Main thread only; futures resolve when the step is durable."""

    def __init__(
        self,
        counter: Counter,
        keeper: BasketKeeper,
        restore_member: Callable[[], None],
        approvals: Approvals,
        peers: PeersPort,
    ) -> None:
        """`restore_member` puts the member of the basket that was taken up on the screen again."""
        self._approvals = approvals
        self._counter = counter
        self._peers = peers
        self._keeper = keeper
        self._restore_member = restore_member

    def held(self) -> list[HeldView]:
        """All baskets on hold here, oldest first."""
        found = self._counter.journal.read(baskets.held_baskets)
        return [_view(each, json.loads(each.data)) for each in found]

    def held_elsewhere(self) -> list[HeldView]:
        """Baskets on hold at the store's other workstations that are in sight, as they said last."""
        return [
            HeldView(
                held_id=each.held_id,
                label=each.label,
                operator_id=each.operator_id,
                held_at_ms=each.held_at_ms,
                line_count=each.line_count,
                piece_count=each.piece_count,
                total_minor=each.total_minor,
                has_member=each.has_member,
                at=peer.name or peer.workstation_id,
            )
            for peer in self._peers.seen()
            for each in peer.held
        ]

    def stranded(self) -> list[HeldView]:
        """Baskets that another workstation asked for and has not said to have, after some seconds."""
        due_ms = self._counter.time.now_ms() - STRANDED_AFTER_MS
        return [
            replace(
                _view(passed.basket, json.loads(passed.basket.data)), at=self._name_of(other), stranded=True
            )
            for passed, other in self._counter.journal.read(passing.on_the_way)
            if not _given_at_ms(passed.transfer_id) > due_ms
        ]

    def take_back(self, held_id: str, approval: str | None = None) -> Future[None]:
        """A stranded basket is on hold here again; a second person answers for it.

        The other workstation lets go of it as soon as it hears of that; where it was paid there and is paid
        here too, head office rules `held_basket_paid_twice`. Raises NotSignedOn, NoOpenShift, UnknownHeld,
        ApprovalNeeded. The future fails with UnknownHeld where it came meanwhile.
        """
        counter = self._counter
        counter.require_shift()
        found = [
            (passed, other)
            for passed, other in counter.journal.read(passing.on_the_way)
            if passed.basket.held_id == held_id
        ]
        if not found:
            raise UnknownHeld("no such basket is on its way", held_id=held_id[:64])
        passed, other = found[0]
        given = self._approvals.let(Action("other", subject=f"take_back/{passed.transfer_id}"), approval)
        drafts = approval_drafts(counter, (given,) if given is not None else ())
        body = {"held_id": held_id, "step": "taken_back", "other": other, "transfer_id": passed.transfer_id}
        drafts.append(counter.draft("basket_passed", body))

        def also(connection: Connection) -> None:
            try:
                passing.take_back(connection, passed)
            except NotOnHold as error:
                raise UnknownHeld("it is at the other workstation after all", held_id=held_id[:64]) from error

        return then(counter.record(drafts, also=also), lambda _: counter.changed())

    def bring(self, held_id: str) -> Future[None]:
        """A basket on hold at another workstation comes here, to be recalled; one that is here already stays.

        Raises what scanning refuses, TooManyHeld, UnknownHeld (nobody in sight has it). The future fails with
        a Trouble when that workstation does not answer; the basket is then there, or on its way here.
        """
        counter = self._counter
        counter.require_scanning()
        if any(each.held_id == held_id for each in self.held()):
            return done(None)
        if held_count(counter.journal) >= HELD_MAX:
            raise TooManyHeld("too many baskets on hold", maximum=HELD_MAX)
        for peer in self._peers.seen():
            if any(each.held_id == held_id for each in peer.held):
                return then(
                    self._peers.bring_basket(peer.workstation_id, held_id), lambda _: counter.changed()
                )
        raise UnknownHeld("no such basket is on hold", held_id=held_id[:64])

    def hold(self) -> Future[HeldView]:
        """Put the basket in progress aside; the next shopper's can begin.

        Raises what scanning refuses, BasketEmpty, TooManyHeld (`maximum`).
        """
        counter = self._counter
        counter.require_scanning()
        basket = counter.basket
        if basket.is_empty:
            raise BasketEmpty("there is nothing to put on hold")
        if held_count(counter.journal) >= HELD_MAX:
            raise TooManyHeld("too many baskets on hold", maximum=HELD_MAX)
        now_ms = counter.time.now_ms()
        held_id = basket.held_id or uuid7(now_ms, secrets.token_bytes(10))
        kept = _kept(replace(basket, held_id=held_id), counter.priced())
        operator = counter.operator
        row = HeldBasket(held_id, _label(basket), operator.operator_id if operator else None, now_ms, kept)
        body = {"held_id": held_id, **unsold_body(basket)}

        def also(connection: Connection) -> None:
            baskets.hold_basket(connection, row)
            baskets.drop_basket(connection)

        draft = counter.draft("basket_held", body, release=basket.release)
        return self._write([draft], also, lambda: _view(row, json.loads(kept)), counter.empty_basket)

    def recall(self, held_id: str) -> Future[RecalledView]:
        """Take a held basket up again, at the prices of this moment.

        Raises what scanning refuses, BasketNotEmpty (a basket is in progress), UnknownHeld.
        """
        counter = self._counter
        counter.require_scanning()
        if not counter.basket.is_empty:
            raise BasketNotEmpty("a basket is in progress")
        held, data = self._find(held_id)
        anew, gone = priced_anew(counter, basket_from_json(data["basket"]))
        priced = counter.pricing.price(anew, counter.rules)
        drafts = [counter.draft("basket_recalled", {"held_id": held_id}, release=anew.release)]
        if counter.basket.voided:  # what was rung up and taken off before has its own end
            drafts = [*self._abandoned(counter.basket, "recalled_over"), *drafts]

        def also(connection: Connection) -> None:
            _taken(connection, held.held_id)
            keep_basket(connection, anew, counter.time.now_ms())

        def taken_up() -> None:
            counter.empty_basket()
            counter.basket = anew
            self._restore_member()

        def view() -> RecalledView:
            return RecalledView(
                basket=view_of(priced, member=counter.member, chosen_line_no=None),
                total_before_minor=data["total_minor"],
                changes=tuple(_changes(data, priced)),
                gone=gone,
            )

        return self._write(drafts, also, view, taken_up)

    def abandon(self, held_id: str) -> Future[None]:
        """Give a held basket up: the shopper did not come back.

        Raises NotSignedOn, NoOpenShift, UnknownHeld, HeldElsewhere.
        """
        self._counter.require_shift()
        for each in self.held_elsewhere():
            if each.held_id == held_id and all(own.held_id != held_id for own in self.held()):
                raise HeldElsewhere("on hold at another workstation", at=each.at)
        held, data = self._find(held_id)
        basket = basket_from_json(data["basket"])
        drafts = self._abandoned(basket, "not_recalled")
        written = self._counter.record(drafts, also=lambda c: _taken(c, held.held_id))
        return then(written, lambda _: self._counter.changed())

    def _name_of(self, workstation_id: str) -> str:
        names = {each.workstation_id: each.name for each in self._peers.seen()}
        known = self._counter.replica.read(lambda c: receipt_returns.workstation(c, workstation_id))
        return names.get(workstation_id) or (known.name if known is not None else "") or workstation_id[:8]

    def _find(self, held_id: str) -> tuple[HeldBasket, dict[str, Any]]:
        for each in self._counter.journal.read(baskets.held_baskets):
            if each.held_id == held_id:
                data = json.loads(each.data)
                if not isinstance(data, dict) or "basket" not in data:
                    raise BadBasket("a held basket that cannot be read")
                return each, data
        raise UnknownHeld("no such basket is on hold", held_id=held_id[:64])

    def _abandoned(self, basket: Basket, reason: str) -> list[Draft]:
        """The end of a basket, after what second persons approved on it."""
        body = {"reason": reason, "held_id": basket.held_id, **unsold_body(basket)}
        draft = self._counter.draft("basket_abandoned", body, release=basket.release)
        return [*basket_approvals(self._counter, basket), draft]

    def _write(
        self,
        drafts: list[Draft],
        also: Callable[[Connection], None],
        view: Callable[[], T],
        done: Callable[[], None],
    ) -> Future[T]:
        """Write, and change the screen only when that is durable; else everything is as it was."""
        counter = self._counter
        counter.writing = True
        self._keeper.forget()

        def written(_: object) -> T:
            with counter.lock:
                done()
                counter.writing = False
            counter.changed()
            return view()

        return then(counter.record(drafts, also=also), written, otherwise=self._not_written)

    def _not_written(self) -> None:
        self._counter.writing = False
        self._keeper.keep(self._counter.basket)


def _given_at_ms(transfer_id: str) -> int:
    """A hand-over's id begins with its time; 0 for one that does not."""
    try:
        return int(transfer_id.replace("-", "")[:12], 16)
    except ValueError:
        return 0


def _taken(connection: Connection, held_id: str) -> None:
    """Off hold, in the step's own transaction: another workstation may have been given it meanwhile."""
    if baskets.take_held_basket(connection, held_id) is None:
        raise UnknownHeld("no such basket is on hold any more", held_id=held_id[:64])


def _kept(basket: Basket, priced: Priced) -> bytes:
    """The basket, and what it and its lines came to: a recall says what changed."""
    nets = {str(line.line_no): line.net_minor for line in priced.totals.lines}
    about = {"total_minor": priced.totals.total_minor, "pieces": priced.totals.piece_count, "nets": nets}
    return json.dumps(about).encode()[:-1] + b',"basket":' + basket_bytes(basket) + b"}"


def _label(basket: Basket) -> str:
    """The newest item's name: the one that the operator saw last."""
    return basket.newest.name if basket.newest else ""


def _view(held: HeldBasket, data: dict[str, Any]) -> HeldView:
    return HeldView(
        held_id=held.held_id,
        label=held.label,
        operator_id=held.operator_id,
        held_at_ms=held.held_at_ms,
        line_count=len(data["basket"]["lines"]),
        piece_count=data["pieces"],
        total_minor=data["total_minor"],
        has_member=data["basket"].get("member_id") is not None,
    )


def _changes(data: dict[str, Any], priced: Priced) -> list[PriceChange]:
    names = {line.line_no: line.name for line in priced.basket.lines}
    before: dict[str, int] = data["nets"]
    return [
        PriceChange(line.line_no, names[line.line_no], before[str(line.line_no)], line.net_minor)
        for line in priced.totals.lines
        if before.get(str(line.line_no), line.net_minor) != line.net_minor
    ]
