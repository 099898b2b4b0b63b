"""The day itself: real workstations on a real head office over HTTP; a simulated clock, seeded dice.

08:00  three workstations sign on and open their shifts, online
12:00  the line is cut; everybody goes on selling, returning, topping up, holding and taking up again;
       machines restart in the middle of a basket, with the line and without
14:00  one machine is killed while it sells, and started again
18:00  all three count and settle their shifts, still offline; then the line comes back and all sync
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.real_data.clock import SharedClock
from pos_client.bootstrap import Options, open_workstation
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.refusals.accounts import AuthorisationNeeded
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.returns.sold_receipts import Origin
from pos_client.services.till.settlement import CountEntry
from pos_client.services.workstation import Workstation
from pos_client.storage.places import Places
from pos_client.sync.enrolment import enrol
from pos_core.errors import TidemarkError

HOUR_MS = 3_600_000
OPENS, CUT, KILL, CLOSES = 8, 12, 14, 18
FLOAT_MINOR = 20_000
NOTE_MINOR = 5_000
MEMBER_CODE = "246810"
KILLED_AFTER = 3
"""Sales that the doomed process has said before it is killed."""

Shape = Sequence[int]
"""A basket's lines: pieces of each."""


def places_of(folder: Path) -> Places:
    """Where a workstation of the day keeps its files."""
    return Places(folder, folder.parent / f"{folder.name}.witness", folder / "keys")


@dataclass
class Clerk:
    """One workstation and whoever works at it.

    Attributes:
        second: who approves what the operator may not.
        told: number → total of every sale that the services said is on disk.
        done: what else happened, how often.
        waited: most documents that waited for the line.
    """

    folder: Path
    clock: SharedClock
    gtins: Sequence[str]
    members: Sequence[str]
    operator: tuple[str, str]
    second: tuple[str, str]
    dice: random.Random
    cards: Sequence[str] = ()
    told: dict[int, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    waited: int = 0

    def __post_init__(self) -> None:
        self.workstation = self._open()

    def _open(self) -> Workstation:
        options = Options(places=places_of(self.folder), printer="none", timers=False)
        return open_workstation(options, clock=self.clock)

    def sign_on(self) -> None:
        """Number and PIN."""
        self.workstation.session.sign_on(*self.operator).result(30)

    def sync(self) -> None:
        """Until nothing waits."""
        self.waited = max(self.waited, self.workstation.sync.state.documents_waiting)
        for _ in range(20):
            state = self.workstation.sync.now().result(120)
            if state.last_error is None and state.documents_waiting == 0:
                return
        raise RuntimeError(f"no way through: {state.last_error}")

    def serve(self, shape: Shape) -> None:
        """A shopper with so many lines, and whatever else happens at a till."""
        ring_up = self.workstation.ring_up
        for pieces in shape:
            ring_up.enter(f"{pieces}*{self.dice.choice(self.gtins)}")
        chance = self.dice.random()
        if chance < 0.4:
            rich = [each for each in self.members if self.workstation.shared.stored_value_of(each) > 0]
            self.workstation.members.attach(self.dice.choice(rich or self.members))
            if chance < 0.1:
                self._did("top_up", lambda: self.workstation.stored_value.top_up(20_000))
        elif chance < 0.5:
            self._did("hold", self._hold_and_recall)
        elif chance < 0.6:
            self._did("void", lambda: ring_up.void_line(ring_up.basket().lines[0].line_no))
        elif chance < 0.7 and self.cards:
            card, amount_minor = self.dice.choice(self.cards), self.dice.choice([1_000, 5_000])
            self._did("gift_card", lambda: self.workstation.gift_cards.load(card, amount_minor))
        elif chance < 0.75:
            self.restart()
            self.done["restart"] = self.done.get("restart", 0) + 1
        if ring_up is not self.workstation.ring_up or self.workstation.ring_up.basket().line_count:
            self.pay()
        if self.dice.random() < 0.15 and self.told:
            self._did("return", self._return)
        if self.dice.random() < 0.05:
            self._did("no_sale", lambda: self.workstation.till.no_sale("换零钱").result(30))

    def pay(self) -> None:
        """By one tender or two."""
        self.workstation.ring_up.confirm_age()
        payment = self.workstation.payment
        view = payment.begin()
        if view.remaining_minor > 1_000 and self.dice.random() < 0.2:
            payment.add("mobile", 500)
        member = self.workstation.ring_up.basket().member
        if member is not None and self.workstation.shared.stored_value_of(member.member_id) > 0:
            self._did("paid_by_purse", self._by_purse)
        if self.cards and self.dice.random() < 0.2:
            card = self.dice.choice(self.cards)
            self._did("paid_by_gift_card", lambda: payment.add("stored_value", None, card))
        shown = payment.view()
        if shown is None or not shown.can_finish:
            code = self.dice.choice(["cash", "cash", "mobile", "card"])
            left_minor = view.remaining_minor if shown is None else shown.remaining_minor
            notes_minor = left_minor // NOTE_MINOR * NOTE_MINOR + NOTE_MINOR  # half of the cash with change
            payment.add(code, notes_minor if code == "cash" and left_minor % 20 else None)
        sale = payment.finish().result(60)
        self.told[sale.number] = sale.total_minor

    def _by_purse(self) -> None:
        """The member chooses a code, seen by a second person, and pays with what is on his purse."""
        codes = self.workstation.member_codes
        if not codes.proven:
            try:
                codes.set_code(MEMBER_CODE)
            except ApprovalNeeded as needed:
                nonce = str(needed.facts["approval"])
                self.workstation.approvals.approve(nonce, *self.second).result(60)
                codes.set_code(MEMBER_CODE, nonce).result(60)
        try:
            self.workstation.payment.add("stored_value", None)
        except AuthorisationNeeded as needed:
            self.workstation.authorising.ask(str(needed.facts["question"])).result(60)
            self.workstation.payment.add("stored_value", None)

    def restart(self) -> None:
        """Off and on, with a basket in progress."""
        before = self.workstation.ring_up.basket().total_minor
        self.workstation.close()
        self.workstation = self._open()
        if self.workstation.session.operator is None:
            self.sign_on()
        assert self.workstation.ring_up.basket().total_minor == before

    def killed(self) -> None:
        """Its process is killed while it sells; what it had said is there afterwards."""
        self.workstation.close()
        command = [sys.executable, "-m", "benchmarks.day.doomed", str(self.folder), *self.operator]
        command += [str(self.clock.now_ms()), *self.gtins[:5]]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as doomed:
            assert doomed.stdout is not None
            said = [doomed.stdout.readline().split() for _ in range(KILLED_AFTER)]
            doomed.send_signal(signal.SIGKILL)
            said += [line.split() for line in doomed.stdout if line.endswith("\n")]
        self.told.update((int(number), int(total)) for number, total in said)
        self.workstation = self._open()
        self.sign_on()
        self._note_unsaid()
        with contextlib.suppress(TidemarkError):
            self.workstation.ring_up.clear().result(30)

    def settle(self) -> None:
        """Count what should be there, and close the shift. Works without any line."""
        settlement = self.workstation.settlement
        expected = {
            each.tender_code: each.expected_minor
            for each in self.workstation.reports.x_report().tenders
            if each.tender_kind in ("cash", "voucher")
        }
        settlement.begin()
        counts = {code: CountEntry(loose_minor=amount) for code, amount in expected.items()}
        settlement.declare(counts).result(30)
        settlement.settle().result(30)

    def _note_unsaid(self) -> None:
        """A sale that was on disk and not said when the kill came has happened too."""
        for row in self.workstation.returns.search(limit=50):
            self.told.setdefault(row.number, row.total_minor)

    def _did(self, what: str, do: Callable[[], Any]) -> None:
        """Something that the shop's rules may refuse."""
        try:
            do()
        except TidemarkError:
            what = f"{what} refused"
        self.done[what] = self.done.get(what, 0) + 1

    def _hold_and_recall(self) -> None:
        held = self.workstation.holding.hold().result(30)
        self.workstation.holding.recall(held.held_id).result(30)

    def _return(self) -> None:
        number = self.dice.choice(sorted(self.told))
        receipt = self.workstation.returns.find(str(number))
        line = next((line for line in receipt.lines if line.left_milli), None)
        if line is None:
            return  # all of it came back before
        origin = Origin(receipt.workstation_id, receipt.incarnation, receipt.number)
        wanted = {line.line_no: line.left_milli}
        self.workstation.returns.give_back(origin, wanted, "not_wanted").result(30)


@dataclass
class Day:
    """Three clerks of one store; `play` plays the day and leaves everything synced and settled."""

    clerks: list[Clerk]
    clock: SharedClock
    say: Callable[[str], None] = lambda text: None

    def play(self, shapes: Sequence[Shape]) -> None:
        """`shapes` are spread evenly over the hours and the clerks."""
        start_ms = self.clock.now_ms()
        for clerk in self.clerks:
            clerk.sync()
            clerk.sign_on()
            clerk.workstation.shift.open_shift(FLOAT_MINOR).result(30)
        hours = CLOSES - OPENS
        for hour in range(hours):
            clock = OPENS + hour
            mine = shapes[hour * len(shapes) // hours : (hour + 1) * len(shapes) // hours]
            if clock == CUT:
                for clerk in self.clerks:
                    clerk.workstation.sync.go_offline()
                self.say(f"{clock:02d}:00  the line is cut")
            if clock == KILL:
                self.clerks[-1].killed()
                self.clerks[-1].workstation.sync.go_offline()
                self.say(f"{clock:02d}:00  one workstation is killed while it sells")
            for number, shape in enumerate(mine):
                self.clock.move_to(start_ms + hour * HOUR_MS + number * HOUR_MS // (len(mine) + 1))
                self._go_on(self.clerks[number % len(self.clerks)], offline=clock >= CUT, shape=shape)
            if clock < CUT:
                for clerk in self.clerks:
                    clerk.sync()
            sold = sum(len(clerk.told) for clerk in self.clerks)
            self.say(f"{clock:02d}:59  {sold} sales, {'offline' if clock >= CUT else 'online'}")
        for clerk in self.clerks:
            clerk.settle()
        self.say(f"{CLOSES:02d}:00  all shifts are settled, offline")
        for clerk in self.clerks:
            clerk.workstation.sync.go_online()
            clerk.sync()
        for clerk in self.clerks:
            clerk.sync()  # what the others brought comes down
        self.say(f"{CLOSES:02d}:05  the line is back, everything is synced")

    @staticmethod
    def _go_on(clerk: Clerk, *, offline: bool, shape: Shape) -> None:
        if offline and clerk.workstation.sync.state.network != "offline_by_choice":
            clerk.workstation.sync.go_offline()  # a restart has forgotten it; the line has not come back
        clerk.serve(shape)

    def close(self) -> None:
        """All workstations closed."""
        for clerk in self.clerks:
            clerk.workstation.close()


def enrolled(folder: Path, url: str, code: str, name: str) -> Path:
    """A workstation's folder, enrolled at the server."""
    where = folder / name
    where.mkdir(parents=True)
    enrol(url, code, name=name, keys=FileKeyStore(where / "keys"), folder=where, app_version="0.1.0")
    return where
