"""Promise P11 by machine: any interleaving of series ends in the same bytes and the same standing rulings.

Workstations with wrong clocks write documents; two head offices hear them in other orders, with doubles.
At the end both have heard all, and a third folds every key from its ledger.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pos_core.stock.purchase import purchases_of
from pos_core.sync.folds import FOLDS, Fact, facts_of
from pos_core.sync.folds.counts import FOLD as COUNTS
from pos_core.sync.folds.counts import variances
from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.facts import (
    AllowanceStep,
    Counted,
    CouponUsed,
    CredentialChanged,
    LineReturned,
    LineSold,
    MembersLinked,
    OrderMoved,
    PointsMoved,
    ProfileEdited,
    StockMoved,
    StoredValueMoved,
)
from pos_core.sync.folds.points import balance, overdrawn
from pos_core.sync.folds.stamp import HQ, Stamp
from pos_core.sync.folds.stock import expected, on_hand
from pos_core.sync.folds.stored_value import balance_minor
from pos_core.sync.rulings import Limit, Terms
from tests.fakes.facts import count, coupon, document, hlc, points, sale
from tests.fakes.folding import Folding

WORKSTATIONS = ("ws-1", "ws-2", "ws-3", "ws-4")
STORES = {"ws-1": "S1", "ws-2": "S1", "ws-3": "S1", "ws-4": "S2"}
MINUTE = 60_000
TERMS = Terms(limits={"campaign/K": Limit(uses_max=2, amount_minor_max=250)}, recycled_after_ms=200 * MINUTE)

workstations = st.sampled_from(WORKSTATIONS)
members = st.sampled_from(("M1", "M2", "M3"))
codes = st.sampled_from(("C1", "C2"))
skus = st.sampled_from(("1001", "1002"))
orders = st.sampled_from(("O1", "O2"))
phones = st.sampled_from(("store:S1/" + "a" * 32, "store:S1/" + "b" * 32, None))


class Interleavings(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.journals: dict[str, list[tuple[Fact, ...]]] = {name: [] for name in (*WORKSTATIONS, HQ)}
        self.clocks = {name: 1000 * place for place, name in enumerate((*WORKSTATIONS, HQ))}
        self.sales: list[tuple[str, int, int]] = []
        self.offices = (Folding(TERMS), Folding(TERMS))
        self.heard: list[dict[str, int]] = [dict.fromkeys(self.journals, 0) for _ in self.offices]

    # Writing. A clock moves on by its own step, so hybrid times of workstations cross each other.

    def _tick(self, name: str, step: int) -> tuple[int, int]:
        self.clocks[name] += step
        return self.clocks[name], len(self.journals[name]) + 1

    def _write(self, name: str, kind: str, body: dict[str, Any], step: int) -> int:
        at, number = self._tick(name, step)
        made = document(kind, body, at=at, workstation_id=name, number=number, store_id=STORES[name])
        self.journals[name].append(facts_of(*made))
        return number

    def _decide(self, make: Any, step: int) -> None:
        at, number = self._tick(HQ, step)
        self.journals[HQ].append((make(Stamp(hlc(at), HQ, 1, number)),))

    steps = st.sampled_from((1, MINUTE, 7 * MINUTE, 90 * MINUTE))

    @rule(name=workstations, sku=skus, quantity=st.integers(1, 3), step=steps)
    def sells(self, name: str, sku: str, quantity: int, step: int) -> None:
        number = self._write(name, "sale", sale(sku=sku, quantity_milli=quantity * 1000), step)
        self.sales.append((name, number, quantity))

    @rule(name=workstations, sku=skus, times=st.integers(9, 12))
    def sells_a_lot(self, name: str, sku: str, times: int) -> None:
        for _ in range(times):
            self._write(name, "sale", sale(sku=sku), 1)

    @rule(name=workstations, member=members, amount=st.sampled_from((-40, -25, 30)), step=steps)
    def moves_points(self, name: str, member: str, amount: int, step: int) -> None:
        move = points(member, amount, authority="allowance", allowance_id="points/A1")
        self._write(name, "sale", sale(member_id=member, points=(move,)), step)

    @rule(name=workstations, amount=st.sampled_from((-4000, -900, 2500)), step=steps)
    def moves_stored_value(self, name: str, amount: int, step: int) -> None:
        reason = "spent" if amount < 0 else "topped_up"
        move = {"account_id": "member:M1", "amount_minor": amount, "reason": reason}
        self._write(name, "sale", sale(stored_value_movements=[move]), step)

    @rule(name=workstations, code=codes, step=steps, twice=st.booleans())
    def takes_a_coupon(self, name: str, code: str, step: int, twice: bool) -> None:
        uses = (coupon(code), coupon(code)) if twice else (coupon(code),)
        number = self._write(name, "sale", sale(coupons=uses), step)
        self.sales.append((name, number, 1))

    @precondition(lambda self: self.sales)
    @rule(name=workstations, data=st.data(), quantity=st.integers(1, 2), step=steps)
    def takes_back(self, name: str, data: Any, quantity: int, step: int) -> None:
        seller, number, sold = data.draw(st.sampled_from(self.sales))
        origin = {"workstation_id": seller, "incarnation": 1, "number": number}
        moves = (points("M1", -5),) if sold == 1 else ()
        uses = (coupon(data.draw(codes)),) if sold == 1 else ()
        body = sale(quantity_milli=quantity * 1000, origin=origin, points=moves, coupons=uses)
        self._write(name, "return", body, step)

    @rule(name=workstations, sku=skus, counted=st.integers(0, 20), data=st.data(), step=steps)
    def counts(self, name: str, sku: str, counted: int, data: Any, step: int) -> None:
        others = data.draw(st.sets(workstations))
        cut = {
            other: data.draw(st.integers(0, len(self.journals[other]))) for other in others if other != name
        }
        self._write(name, "count", count(counted * 1000, sku=sku, cut=cut), step)

    @rule(
        name=workstations,
        sku=skus,
        counted=st.integers(0, 20),
        session=st.fixed_dictionaries(
            {
                "session_id": st.sampled_from(("A", "B", "C")),
                "round": st.sampled_from((1, 1, 2)),
                "area": st.sampled_from(("floor", "back", "")),
            }
        ),
        step=steps,
    )
    def counts_in_a_session(self, name: str, sku: str, counted: int, session: Any, step: int) -> None:
        self._write(name, "count", count(counted * 1000, sku=sku, **session), step)

    @rule(name=workstations, what=st.sampled_from(("locked", "unlocked", "pin_reset")), step=steps)
    def changes_a_credential(self, name: str, what: str, step: int) -> None:
        body = {"employee_id": "E2", "operator_number": "1002", "role": "cashier", "by_role": "manager"}
        pin = {"pin_verifier": f"$argon2id${name}-{self.clocks[name]}"} if what == "pin_reset" else {}
        self._write(name, "credential_changed", {**body, "step": what, "reason": None, **pin}, step)

    @rule(what=st.sampled_from(("locked", "unlocked", "pin_withdrawn")), step=steps)
    def overrules_a_credential(self, what: Any, step: int) -> None:
        self._decide(lambda stamp: CredentialChanged(stamp, "S1", "E2", what), step)

    @rule(
        name=workstations,
        sku=skus,
        what=st.sampled_from(("printed", "hung", "unhung")),
        price=st.sampled_from((300, 400)),
        step=steps,
    )
    def hangs_a_label(self, name: str, sku: str, what: str, price: int, step: int) -> None:
        line = {"line_no": 1, "sku": sku, "price_minor": price, "step": what}
        body = {"currency": "CNY", "exponent": 2, "lines": [line]}
        self._write(name, "labels_changed", body, step)

    @rule(name=workstations, sku=skus, step=steps)
    def receives_goods(self, name: str, sku: str, step: int) -> None:
        line = {"line_no": 1, "sku": sku, "quantity_milli": 5000}
        self._write(name, "stock_movement", {"reason": "receipt", "lines": [line]}, step)

    @rule(name=workstations, order_id=orders, sku=skus, quantity=st.integers(1, 9), step=steps)
    def places_an_order(self, name: str, order_id: str, sku: str, quantity: int, step: int) -> None:
        line = {"line_no": 1, "sku": sku, "quantity_milli": quantity * 1000, "unit_cost_minor": 100}
        body = {"order_id": order_id, "supplier_id": "SUP", "supplier_name": name, "lines": [line]}
        self._write(name, "goods_ordered", body, step)

    @rule(
        name=workstations,
        order_id=st.one_of(orders, st.none()),
        sku=skus,
        came=st.integers(0, 5),
        damaged=st.integers(0, 2),
        step=steps,
    )
    def takes_a_delivery(  # noqa: PLR0917 (one argument each for what a person enters)
        self, name: str, order_id: str | None, sku: str, came: int, damaged: int, step: int
    ) -> None:
        line = {"line_no": 1, "sku": sku, "quantity_milli": came * 1000, "damaged_milli": damaged * 1000}
        body = {"order_id": order_id, "supplier_id": None, "delivery_note": None, "lines": [line]}
        self._write(name, "goods_received", body, step)

    @rule(
        name=workstations,
        reservation_id=st.sampled_from(("R1", "R2")),
        what=st.sampled_from(("made", "kept", "refused", "picked_up", "released")),
        step=steps,
    )
    def steps_on_a_reservation(self, name: str, reservation_id: str, what: str, step: int) -> None:
        body: dict[str, Any] = {"reservation_id": reservation_id, "at_store_id": "S2", "for_store_id": "S1"}
        if what == "made":
            line = {"line_no": 1, "sku": "1001", "quantity_milli": 1000}
            self._write(name, "reservation_made", body | {"until_ms": step, "lines": [line]}, step)
        else:
            self._write(name, "reservation_reported", body | {"step": what}, step)

    @rule(name=workstations, order_id=orders, step=steps)
    def closes_an_order(self, name: str, order_id: str, step: int) -> None:
        self._write(name, "order_closed", {"order_id": order_id, "reason": None}, step)

    @rule(name=workstations, member=members, joins=st.booleans(), phone=phones, step=steps)
    def edits_a_member(self, name: str, member: str, joins: bool, phone: str | None, step: int) -> None:
        body = {
            "member_id": member,
            "fields": {"language": f"{name}-{step}", "tier": "gold"},
            "consents": {"sms": step != 1},
            "phone_index": phone,
        }
        self._write(name, "member_joined" if joins else "member_edited", body, step)

    @rule(first=members, second=members, split=st.booleans(), step=steps)
    def hq_decides_on_two(self, first: str, second: str, split: bool, step: int) -> None:
        verdict = "split" if split else "confirmed"
        if first != second:
            self._decide(lambda at: MembersLinked(at, "", first, second, verdict), step)

    @rule(member=members, step=steps)
    def hq_sets_a_tier(self, member: str, step: int) -> None:
        edit = {"fields": {"tier": f"T{step}"}, "consents": {"sms": True}}
        self._decide(lambda at: ProfileEdited(at, "", member, **edit), step)

    @rule(name=workstations, what=st.sampled_from(("basket_held", "basket_recalled", "sale")), step=steps)
    def steps_on_a_held_basket(self, name: str, what: str, step: int) -> None:
        body: dict[str, Any] = {"held_id": "H1"}
        if what == "basket_held":
            body |= {"member_id": None, "subtotal_minor": 0, "lines": []}
        self._write(name, what, sale(held_id="H1") if what == "sale" else body, step)

    @rule(name=workstations, what=st.sampled_from(("accepted", "returned", "taken_over")), step=steps)
    def reports_an_allowance(self, name: str, what: str, step: int) -> None:
        body = {"allowance_id": "points/A1", "step": what, "amount": 50, "used": 0, "other": None}
        self._write(name, "allowance_reported", body, step)

    @rule(amount=st.integers(50, 200), step=steps)
    def hq_grants(self, amount: int, step: int) -> None:
        self._decide(lambda at: AllowanceStep(at, "S1", "points/A1", "granted", amount), step)

    @rule(name=workstations, own=st.booleans(), step=steps)
    def approves(self, name: str, own: bool, step: int) -> None:
        body = {"kind": "void", "approved_by": "E1" if own else "E2", "reason": None}
        self._write(name, "override_approved", body, step)

    @rule(name=workstations, step=steps, z_number=st.integers(1, 3))
    def settles_a_shift(self, name: str, step: int, z_number: int) -> None:
        body: dict[str, Any] = {"currency": "CNY", "exponent": 2}
        tender = {"tender_code": "cash", "tender_kind": "cash", "expected_minor": 350, "counted_minor": 350}
        more = {"z_number": z_number, "first_number": 1, "last_number": 2, "tenders": [tender]}
        self._write(name, "shift_settled", body | more, step)

    # Hearing.

    @rule(office=st.integers(0, 1), name=st.sampled_from((*WORKSTATIONS, HQ)), many=st.integers(1, 20))
    def hears(self, office: int, name: str, many: int) -> None:
        begin = self.heard[office][name]
        for facts in self.journals[name][begin : begin + many]:
            self.offices[office].take(facts, rule=False)
        self.offices[office].rule()
        self.heard[office][name] = min(begin + many, len(self.journals[name]))

    @rule(office=st.integers(0, 1), name=st.sampled_from((*WORKSTATIONS, HQ)), data=st.data())
    def hears_again(self, office: int, name: str, data: Any) -> None:
        known = self.journals[name][: self.heard[office][name]]
        before = self.offices[office].bytes()
        for facts in known[data.draw(st.integers(0, len(known))) :]:
            self.offices[office].take(facts, rule=False)
        assert self.offices[office].bytes() == before

    @invariant()
    def a_coupon_used_k_times_has_k_minus_one_exceptions(self) -> None:
        for office in self.offices:
            uses = [live_uses(state) for (fold, _), state in office.states.items() if fold == "coupon_use"]
            assert len(office.rulings("coupon_used_twice")) == sum(max(0, len(each) - 1) for each in uses)

    def teardown(self) -> None:
        for place, office in enumerate(self.offices):
            for name in list(self.journals) if place else list(reversed(self.journals)):
                for facts in self.journals[name][self.heard[place][name] :]:
                    office.take(facts, rule=False)
            office.rule()
        first, second = self.offices
        once = first.bytes()
        for journal in self.journals.values():
            for facts in journal:
                first.take(facts, rule=False)
        assert first.bytes() == once
        assert first.bytes() == second.bytes()
        assert first.standing == second.standing
        for (fold, key), state in first.states.items():
            assert FOLDS[fold].refold(second.ledger[fold, key]) == state
        self._conserves(first)

    def _conserves(self, office: Folding) -> None:
        """Sums from the documents themselves, by none of the folds' code."""
        everything = [fact for journal in self.journals.values() for facts in journal for fact in facts]
        for member in ("M1", "M2", "M3"):
            moved = [f for f in everything if isinstance(f, PointsMoved) and f.member_id == member]
            assert balance(office.state("points", member)) == sum(fact.points for fact in moved)
            below = -sum(fact.points for fact in moved if fact.kind != "clawed_back")
            ruled = [ruling for ruling in office.rulings("points_overdrawn") if ruling.key == member]
            assert sum(ruling.points for ruling in ruled) == max(0, below)
            assert overdrawn(office.state("points", member)) == max(0, below)
        purse = -sum(f.amount_minor for f in everything if isinstance(f, StoredValueMoved))
        assert balance_minor(office.state("stored_value", "member:M1")) == -purse
        assert sum(r.cost_minor for r in office.rulings("stored_value_overdrawn")) == max(0, purse)
        for (fold, key), state in office.states.items():
            if fold == "stock":
                assert on_hand(state) == _on_hand(everything, key)
                if state["count"] is not None:
                    assert (state["count"][1], expected(state)) == _expected(everything, key)[-1]
        for code in ("C1", "C2"):
            uses = {f.stamp for f in everything if isinstance(f, CouponUsed) and f.coupon_key.endswith(code)}
            state = office.state("coupon_use", f"K/code:{code}")
            assert len(uses) == (len(state["uses"]) if state else 0)
        for store_id in ("S1", "S2"):
            _orders_hold(office, store_id, [f for f in everything if isinstance(f, OrderMoved)])
        self._never_refunds_more_than_paid(office, everything)

    def _never_refunds_more_than_paid(self, office: Folding, everything: list[Fact]) -> None:
        """What was refunded, less what rulings say it cost, is never more than was paid."""
        for fact in everything:
            if isinstance(fact, LineSold):
                key = f"{fact.stamp.document}#{fact.line_no}"
                back = [
                    f for f in everything if isinstance(f, LineReturned) and f.origin == fact.stamp.document
                ]
                ruled = [r for r in office.rulings("line_returned_twice") if r.key == key]
                good = sum(f.refund_minor for f in back) - sum(r.cost_minor for r in ruled)
                assert 0 <= good <= fact.net_minor
                excess = sum(f.quantity_milli for f in back) - fact.quantity_milli
                assert sum(dict(r.detail)["excess_milli"] for r in ruled) == max(0, excess)


def _orders_hold(office: Folding, store_id: str, steps: list[OrderMoved]) -> None:
    """Each order by its definition: the first that was placed, all that came, closed if anybody said so."""
    prefix = f"{store_id}/"
    states = {
        key.removeprefix(prefix): state["steps"]
        for (fold, key), state in office.states.items()
        if fold == "purchase" and key.startswith(prefix)
    }
    found = {each.order.order_id: each for each in purchases_of([], states)}
    mine = [fact for fact in steps if fact.store_id == store_id]
    placed = [fact for fact in mine if fact.step == "placed"]
    assert found.keys() == {fact.order_id for fact in placed}
    for order_id, purchase in found.items():
        first = min((fact for fact in placed if fact.order_id == order_id), key=lambda fact: fact.stamp)
        assert {line.sku: line.ordered_milli for line in purchase.order.lines} == first.lines
        came: dict[str, int] = {}
        for fact in mine:
            for sku, milli in fact.lines.items() if fact.order_id == order_id else ():
                came[sku] = came.get(sku, 0) + (milli if fact.step == "received" else 0)
        assert all(purchase.received.get(sku, 0) == milli for sku, milli in came.items())
        is_closed = any(fact.step == "closed" and fact.order_id == order_id for fact in mine)
        all_came = all(came.get(sku, 0) >= milli for sku, milli in first.lines.items())
        state = "closed" if is_closed else "complete" if all_came else "open"
        assert (purchase.state, bool(purchase.outstanding)) == (state, state == "open")


def _on_hand(everything: list[Fact], key: str) -> int:
    """The definition, from all facts at once: the newest count or session, then what it did not see."""
    mine = [f for f in everything if isinstance(f, StockMoved | Counted) and f"{f.store_id}/{f.sku}" == key]
    moves = [fact for fact in mine if isinstance(fact, StockMoved)]
    counts = [fact for fact in mine if isinstance(fact, Counted)]
    if not counts:
        return sum(fact.quantity_milli for fact in moves)
    newest = max(counts, key=lambda f: f.stamp)
    parts = [newest] if not newest.session else [f for f in counts if f.session == newest.session]
    parts = [f for f in parts if f.round == max(each.round for each in parts)]
    return sum(f.counted_milli for f in parts) + sum(f.quantity_milli for f in moves if not _seen(parts, f))


def _seen(parts: list[Counted], moved: StockMoved) -> bool:
    mine = ("floor", "") if moved.reason in ("sale", "return") else ("back", "")
    stamp = moved.stamp
    return all(
        stamp.number <= part.cut[stamp.series] if stamp.series in part.cut else stamp.hlc <= part.stamp.hlc
        for part in [each for each in parts if each.area in mine] or parts
    )


def _expected(everything: list[Fact], key: str) -> list[tuple[int, int]]:
    """Counted and expected by the history of counts: the newest must be what the state says at once."""
    mine = [f for f in everything if isinstance(f, StockMoved | Counted) and f"{f.store_id}/{f.sku}" == key]
    state = COUNTS.refold([fact for fact in mine if isinstance(fact, Counted)])
    found = variances(state, [fact for fact in mine if isinstance(fact, StockMoved)])
    return [(each.counted_milli, each.expected_milli) for each in found]


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=120,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
