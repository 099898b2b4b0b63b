"""Signing on and off: a PIN, its verifier, and the lock-out that a restored file does not reset."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.views import OperatorView


class Session:
    """Who is at the workstation."""

    @property
    def operator(self) -> OperatorView | None:
        """The operator who is signed on."""
        raise NotImplementedError

    def sign_on(self, operator_number: str, pin: str) -> Future[OperatorView]:
        """Check the PIN off the main thread, journal the outcome, then resolve.

        Set on the future: Refusal `wrong_pin` (attempts_left), `locked_out` (seconds), `unknown_operator`,
        `pin_too_short` (minimum), `already_signed_on`.
        """
        raise NotImplementedError

    def sign_off(self) -> Future[None]:
        """Journal the end of the session. Refusal `basket_locked` while a sale is being written."""
        raise NotImplementedError
