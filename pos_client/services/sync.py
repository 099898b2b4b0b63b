"""Sync as a front end sees it."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.views import SyncView


class Sync:
    """Ask for an exchange now, or stay away from the network by choice."""

    def now(self) -> Future[SyncView]:
        """Run one exchange on the sync thread; resolves with the state after it, never raises."""
        raise NotImplementedError

    def go_offline(self) -> None:
        """Stay off the network until go_online; sales go on."""
        raise NotImplementedError

    def go_online(self) -> None:
        """Use the network again."""
        raise NotImplementedError

    @property
    def state(self) -> SyncView:
        """How sync is now."""
        raise NotImplementedError
