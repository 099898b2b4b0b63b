"""Opening a shift with its float."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.views import ShiftView


class ShiftService:
    """The till's period from opening float to settlement."""

    @property
    def current(self) -> ShiftView | None:
        """The open shift, also after a restart."""
        raise NotImplementedError

    def open_shift(self, float_minor: int) -> Future[ShiftView]:
        """Open a shift. Refusals: `not_signed_on`, `shift_already_open`, `bad_float`."""
        raise NotImplementedError
