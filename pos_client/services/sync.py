"""Sync as a front end sees it."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.ports import JournalPort, SyncPort
from pos_client.services.views.status import SyncView


class Sync:
    """Ask for an exchange now, or stay away from the network by choice."""

    def __init__(self, engine: SyncPort, journal: JournalPort) -> None:
        self._engine = engine
        self._journal = journal

    def now(self) -> Future[SyncView]:
        """Run one exchange on the sync thread; resolves with the state after it, never fails."""
        answer: Future[SyncView] = Future()
        asked = self._engine.request_now()
        asked.add_done_callback(lambda _: answer.set_result(self.state))
        return answer

    def go_offline(self) -> None:
        """Stay off the network until go_online; sales go on."""
        self._engine.go_offline()

    def go_online(self) -> None:
        """Use the network again."""
        self._engine.go_online()

    @property
    def state(self) -> SyncView:
        """How sync is now."""
        state = self._engine.state
        return SyncView(
            network=state.network,
            busy=state.busy,
            last_contact_ms=state.last_contact_ms,
            last_error=state.last_error,
            documents_waiting=self._journal.documents_waiting(),
        )
