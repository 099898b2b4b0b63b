"""Signing on and off: who is at the workstation."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.counter import Counter
from pos_client.services.futures import failed, then
from pos_client.services.refusals.basket import BasketLocked
from pos_client.services.refusals.staff import AlreadySignedOn, NotAllowed, NotSignedOn
from pos_client.services.staff.credentials import credential_now
from pos_client.services.staff.pin_check import PinCheck
from pos_client.services.views.staff import OperatorView


class Session:
    """Who is at the workstation."""

    def __init__(self, counter: Counter, pins: PinCheck) -> None:
        self._counter = counter
        self._pins = pins
        self._checked: tuple[int, int, str] | None = None
        self._ending = self._waits_for_payment = False
        self._put_off = ""
        counter.on_change(self._after_payment)

    @property
    def operator(self) -> OperatorView | None:
        """The operator who is signed on."""
        return self._counter.operator

    def put_off(self) -> str:
        """Who was signed off because his number was locked, by name; "" from the second asking on."""
        name, self._put_off = self._put_off, ""
        return name

    def sign_on(self, operator_number: str, pin: str) -> Future[OperatorView]:
        """Check the PIN off the main thread, journal the outcome, then resolve.

        Set on the future: Refusal `wrong_pin` (attempts_left), `locked_out` (seconds), `unknown_operator`,
        `replica_incomplete`, `pin_too_short` (minimum), `already_signed_on`.
        """
        counter = self._counter
        if counter.operator is not None:
            error = AlreadySignedOn("sign off first", operator_number=counter.operator.operator_number)
            return failed(error)
        return self._pins.run(lambda: self._sign_on(operator_number, pin))

    def confirm_clock(self) -> None:
        """A supervisor or manager says that the wall clock is right again after a jump of more than a day.

        Raises NotSignedOn, NotAllowed.
        """
        counter = self._counter
        if counter.require_operator().role not in ("supervisor", "manager"):
            raise NotAllowed("a supervisor or manager must confirm the clock")
        counter.time.confirm()
        counter.clock_jump = None
        counter.changed()

    def sign_off(self, reason: str = "asked") -> Future[None]:
        """Journal the end of the session; the basket stays for whoever comes next.

        Raises NotSignedOn, BasketLocked (a payment is under way). `reason`: asked | idle | closing | locked.
        """
        counter = self._counter
        counter.require_operator()
        if counter.payment is not None or counter.writing:
            raise BasketLocked("a payment has begun")
        draft = counter.draft("signed_off", {"reason": reason})
        return then(counter.record([draft]), lambda _: self._signed_off())

    def _sign_on(self, operator_number: str, pin: str) -> OperatorView:
        """On the checking thread."""
        counter = self._counter
        counter.require_not_revoked()
        employee = self._pins.employee(operator_number, pin)
        view = OperatorView(employee.employee_id, employee.operator_number, employee.name, employee.role)
        body = {"role": employee.role, "operator_number": employee.operator_number}
        draft = counter.draft("signed_on", body, operator_id=employee.employee_id)
        counter.record([draft]).result()
        with counter.lock:
            if counter.operator is not None:
                raise AlreadySignedOn("sign off first", operator_number=counter.operator.operator_number)
            counter.operator = view
            self._put_off = ""
        counter.changed()
        return view

    def end_when_barred(self) -> None:
        """From any thread, whenever head office or a workstation of the store said something new: nobody

        stays signed on at a revoked workstation, nor with a number that was locked elsewhere, once no payment
        is under way; the basket is kept.
        """
        counter = self._counter
        operator = counter.operator
        if operator is None:
            return
        if counter.is_revoked():
            self._signed_off()
        elif not self._ending and self._is_locked(operator.operator_id):
            self._ending = True
            try:
                self.sign_off("locked").add_done_callback(lambda _: self._let_go(operator.name))
            except (BasketLocked, NotSignedOn):  # asked again when the payment is over
                self._ending, self._waits_for_payment = False, True
            except BaseException:
                self._ending = False
                raise

    def _let_go(self, name: str) -> None:
        self._ending, self._put_off = False, name
        self._counter.changed()

    def _after_payment(self) -> None:
        if self._waits_for_payment and self._counter.payment is None and not self._counter.writing:
            self._waits_for_payment = False
            self.end_when_barred()

    def _is_locked(self, operator_id: str) -> bool:
        """Read again only when something came from head office or from a neighbour."""
        counter = self._counter
        heard = 0 if counter.peers is None else counter.peers.generation
        place = (counter.replica.generation, heard, operator_id)
        if self._checked != place:
            if credential_now(counter, operator_id).lock is not None:
                return True
            self._checked = place
        return False

    def _signed_off(self) -> None:
        with self._counter.lock:
            self._counter.operator = None
        self._counter.changed()
