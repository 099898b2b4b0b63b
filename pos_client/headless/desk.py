"""The state of one driver: the workstation once it is open, and how long to wait for a write."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TypeVar

from pos_client.headless.host import Host
from pos_client.services.refusals.accounts import AllowanceAsked, AuthorisationNeeded
from pos_client.services.workstation import Workstation
from pos_core.errors import Trouble

T = TypeVar("T")
WAIT_S = 120
ASKED_MAX = 3
"""Questions to head office for one operation; each answer, or silence, settles one."""


class TimedOut(Trouble):
    """The answer to a write did not come in time; whether it happened is shown by `state`."""

    code = "timed_out"


class Desk:
    """Opens the workstation at the first operation that needs one."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._workstation: Workstation | None = None
        self._real: Workstation | None = None

    @property
    def workstation(self) -> Workstation:
        """Raises NotEnrolled, RevokedHere and the storage troubles; the next operation tries again.

        Revoked meanwhile, it is closed, so that no key stays in memory; opening it again says so.
        """
        real = self._real or self._workstation
        if real is not None and real.sync.state.last_error == "revoked_here":
            self.close()
        if self._workstation is None:
            self._workstation = self.host.open()
        return self._workstation

    @property
    def is_open(self) -> bool:
        """True once the workstation was opened."""
        return self._workstation is not None

    def train(self) -> None:
        """From now on the training workstation answers."""
        real = self.workstation
        self.wait(real.training.begin())
        self._workstation, self._real = real.open_training(), real

    def end_training(self) -> None:
        """Back to the real one; what was trained is thrown away."""
        training = self.workstation
        if self._real is None:
            return
        self.wait(training.training.end())
        self._workstation, self._real = self._real, None
        training.close()

    def wait(self, future: Future[T]) -> T:
        """The result of a write. Raises what it raised, TimedOut."""
        try:
            return future.result(WAIT_S)
        except FutureTimeout:
            raise TimedOut("no answer in time") from None

    def let(self, attempt: Callable[[], T]) -> T:
        """What may need head office's word, or a part of the neighbours' allowance: asked for, then again."""
        for _ in range(ASKED_MAX):
            try:
                return attempt()
            except AuthorisationNeeded as needed:
                self.wait(self.workstation.authorising.ask(str(needed.facts["question"])))
            except AllowanceAsked:
                self.wait(self.workstation.allowances.coming())
        return attempt()

    def close(self) -> None:
        """Let go of the workstation."""
        open_ones = [each for each in (self._workstation, self._real) if each is not None]
        self._workstation = self._real = None
        for workstation in open_ones:
            workstation.close()
