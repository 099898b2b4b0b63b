"""The page of the store's other tills: in sight, silent, never seen; and until when certificates hold."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pos_client.services.ports import NoPeers
from pos_client.ui.manager.peers_mode import PeersMode
from tests.client.services.test_foreign_receipts import feed
from tests.fakes.reference_rows import rows_of
from tests.ui.manager.test_settle_by_keys import open_entry
from tests.ui.real_till import RealTill

DAY_MS = 24 * 3_600_000


@dataclass
class Heard:
    workstation_id: str
    name: str
    silent_ms: int
    is_there: bool
    certificate_ends_ms: int
    held_count: int = 0


class Around(NoPeers):
    def __init__(self, heard: list[Heard], ends_ms: int | None) -> None:
        self._heard, self._ends_ms = heard, ends_ms

    def heard(self) -> list[Heard]:
        return self._heard

    def own_certificate_ends_ms(self) -> int | None:
        return self._ends_ms


def _page(till: RealTill) -> PeersMode:
    top = till.window.checkout.stack.top
    assert isinstance(top, PeersMode), type(top).__name__
    return top


def test_who_is_in_sight_who_is_silent_and_when_certificates_end(manager: RealTill) -> None:
    shop = manager.shop
    now_ms = manager.window.desk.now_ms()
    rows = [["ws-4", "S001", "收银台4", "k", "active"], ["ws-5", "S001", "收银台5", "k", "revoked"]]
    own = [shop.workstation_id, "S001", "收银台1", "k", "active"]
    feed(shop, "chain", rows_of("workstation_key", [*rows, own, ["ws-9", "S009", "别店", "k", "active"]]))
    around = [
        Heard("ws-2", "收银台2", 1_000, True, now_ms + 6 * DAY_MS, 2),
        Heard("ws-3", "收银台3", 7 * 60_000, False, now_ms + DAY_MS // 2),
    ]
    shop.workstation.status._peers = Around(around, now_ms + 5 * DAY_MS)
    open_entry(manager, "manager.peers")
    page = _page(manager)
    found = {page.row(at).cells[0]: page.row(at) for at in range(page.row_count)}
    assert list(found) == [
        "收银台2",
        "收银台3",
        "收银台4",
    ]  # not itself, none revoked, no other store
    assert found["收银台2"].cells[1] == "现在能看到" and found["收银台2"].cells[3] == "2"
    assert "7 分钟" in found["收银台3"].cells[1] and found["收银台3"].tone == "soft"
    assert found["收银台4"].cells[1:3] == ("还没看到过", "–")
    assert page.facts[0].value == "1/3" and page.facts[1].tone == ""
    shop.workstation.status._peers = Around([], None)
    manager.press("\n")
    assert page.facts[1].value == "还没有" and page.facts[1].tone == "caution"
    if folder := os.environ.get("TIDEMARK_PICTURES"):
        shop.workstation.status._peers = Around(around, now_ms + 5 * DAY_MS)
        manager.press("\n")
        for language in ("zh", "en"):
            if manager.window.desk.texts.language != language:
                manager.window.desk.texts.switch()
            for size in ((1366, 768), (1920, 1080)):
                manager.window.resize(*size)
                manager.wait_until(lambda size=size: manager.window.width() == size[0])
                manager.window.grab().save(f"{folder}/peers.{language}.{size[0]}.png")


def test_a_store_with_one_till_says_so(manager: RealTill) -> None:
    open_entry(manager, "manager.peers")
    page = _page(manager)
    assert page.row_count == 0 and page.empty_words == "本店没有其他收银台"
    manager.press("\n", "<Esc>")
