"""Head office revokes a workstation whose window is open: nothing of it stays, neither window nor keys."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from pos_client.bootstrap import Options, open_workstation
from pos_client.headless.desk import Desk
from pos_client.journal.journal import Journal
from pos_client.replica.replica import Replica
from pos_client.services.workstation import Workstation
from pos_client.storage.errors import StorageTrouble
from pos_client.storage.places import Places
from pos_client.sync.errors import RevokedHere
from pos_client.sync.sync_client import SyncClient
from pos_client.ui.app import WindowOptions, run_window
from pos_client.ui.keys.typist import post_keys
from pos_client.ui.shell.main_window import MainWindow
from pos_client.ui.shell.trouble_screen import TroubleScreen
from tests.sync.world import Till, World, running_world
from tests.ui.test_app import as_soon_as, in_front

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Opened:
    """Opens the program's own workstation on a till's folder, and remembers what holds keys."""

    def __init__(self, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
        self._till = till
        self.holders: list[weakref.ref[Any]] = []
        self.times = 0
        for kind in (Journal, Replica, SyncClient):
            real = kind.__init__

            def noted(made: Any, *args: Any, _real: Any = real, **named: Any) -> None:
                self.holders.append(weakref.ref(made))
                _real(made, *args, **named)

            monkeypatch.setattr(kind, "__init__", noted)

    def __call__(self) -> Workstation:
        self.times += 1
        folder = self._till.folder
        places = Places(folder, folder / "elsewhere" / "witness", folder / "keys")
        return open_workstation(Options(places, printer="none", timers=False), clock=self._till.clock)


def closed_till(world: World) -> Till:
    world.stock_shelves(3)
    till = world.till()
    till.client.exchange()
    till.close()
    world.tills.remove(till)
    return till


def writers() -> list[str]:
    return [
        each.name for each in threading.enumerate() if each.name.endswith("-writer") or each.name == "sync"
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_open_window_goes_and_drops_every_key(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    before = writers()
    seen: dict[str, Any] = {}
    with running_world(tmp_path) as world:
        till = closed_till(world)
        opened = Opened(till, monkeypatch)

        def revoke() -> None:
            assert len(opened.holders) == 3 and len(writers()) > len(before)
            window = in_front(MainWindow)[0]
            assert isinstance(window, MainWindow)
            world.office.workstations.revoke(till.identity.workstation_id)
            window.desk.workstation.sync.now()

        def look() -> None:
            screen = in_front(TroubleScreen)[0]
            gc.collect()
            seen["words"] = " ".join(label.text() for label in screen.findChildren(QLabel))
            seen["alive"] = [ref() for ref in opened.holders if ref() is not None]
            seen["threads"] = writers()
            seen["windows"] = in_front(MainWindow)
            screen.grab().save(str(tmp_path / f"revoked_{language}.png"))
            post_keys(screen, "\n")  # trying again changes nothing
            as_soon_as(
                lambda: opened.times == 3 and in_front(TroubleScreen),
                lambda: post_keys(in_front(TroubleScreen)[0], "<Esc>"),
            )

        as_soon_as(lambda: in_front(MainWindow), revoke)
        as_soon_as(lambda: in_front(TroubleScreen), look)
        assert run_window(opened, WindowOptions(language=language, size=(1366, 768))) == 2
    assert seen["alive"] == [] and seen["windows"] == [] and seen["threads"] == before
    assert ("总部已停用" if language == "zh" else "Head office revoked this till") in seen["words"]
    assert till.keys.get("replica_key") is None and not list(till.folder.glob("replica.db*"))
    with pytest.raises(StorageTrouble):  # the journal is here, and its key is not
        Journal.open(
            till.folder / "journal.db",
            keys=till.keys,
            witness_path=till.folder / "elsewhere" / "witness",
            series=till.journal.series,
            store_id="S001",
            clock=till.clock,
            ballast_bytes=0,
        )


def test_a_program_without_a_window_closes_its_workstation_at_the_next_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_world(tmp_path) as world:
        till = closed_till(world)
        opened = Opened(till, monkeypatch)

        class Host:
            def open(self) -> Workstation:
                return opened()

        before = writers()
        desk = Desk(Host())  # type: ignore[arg-type]
        desk.workstation.sync.now().result(30)
        world.office.workstations.revoke(till.identity.workstation_id)
        desk.workstation.sync.now().result(30)
        for _ in range(2):
            with pytest.raises(RevokedHere):
                desk.workstation.session  # noqa: B018 - opening it is what fails
        gc.collect()
        assert not desk.is_open and [ref() for ref in opened.holders if ref() is not None] == []
        assert writers() == before
