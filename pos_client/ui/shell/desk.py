"""What every screen is given: the services, the words, the looks, the keys. Wired once in `app.py`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from pos_client.services.workstation import Workstation
from pos_client.ui.keys.key_desk import KeyDesk
from pos_client.ui.shell.future_bridge import FutureBridge
from pos_client.ui.shell.messages import Messages
from pos_client.ui.shell.theme import Theme
from pos_client.ui.text.catalogue import Texts
from pos_core.errors import TidemarkError

T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """`beep` is the sound of a refusal; `now_ms` the wall clock for ages on the screen.

    `switch` puts a window on another workstation in front: the training one, or (None) the real one again.
    """

    workstation: Workstation
    texts: Texts
    theme: Theme
    keys: KeyDesk
    futures: FutureBridge
    messages: Messages
    beep: Callable[[], None]
    now_ms: Callable[[], int]
    switch: Callable[[Workstation | None], None] = lambda workstation: None

    def refuse(self, error: TidemarkError) -> None:
        """Beep and say why; nothing opens, nothing waits."""
        self.beep()
        self.messages.refusal(error)

    def switch_network(self) -> None:
        """Off the network by choice, or back on it; says which."""
        sync = self.workstation.sync
        if sync.state.network == "offline_by_choice":
            sync.go_online()
            self.messages.show("info", "offline.off")
        else:
            sync.go_offline()
            self.messages.show("info", "offline.on")

    def wait_for(
        self, future: Future[T], done: Callable[[T], None], failed: Callable[[TidemarkError], None]
    ) -> None:
        """Hold keys until the future is done, call back, then press the held keys again."""

        def finish(result: T) -> None:
            done(result)
            self.keys.release()

        def give_up(error: TidemarkError) -> None:
            failed(error)
            self.keys.release()

        self.keys.hold()
        self.futures.watch(future, finish, give_up)
