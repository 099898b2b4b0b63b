"""The status bar's facts."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.services.views import StatusView


class Status:
    """One view of where this workstation stands."""

    def view(self) -> StatusView:
        """Cheap: at most one indexed read."""
        raise NotImplementedError

    def on_change(self, callback: Callable[[], None]) -> None:
        """Called from any thread when something in the view may have changed."""
        raise NotImplementedError
