"""The page of the store's other tills: who is seen, heard when, and until when each certificate holds."""

from __future__ import annotations

from pos_client.services.views.status import PeerView
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_time

_WHEN = "yyyy-MM-dd HH:mm"
_SOON_MS = 24 * 3_600_000


class PeersMode(SheetMode):
    """Enter reads it again."""

    columns = (
        Column("peers.name", 26),
        Column("peers.state", 24),
        Column("peers.certificate", 32),
        Column("peers.held", 18, right=True),
    )

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench, EntryLook("peers.title", "peers.hint"))
        status = bench.desk.workstation.status
        self._status, self._view, self._zone = status, status.peers(), status.view().time_zone

    @property
    def title(self) -> str:
        return self.desk.texts.say("peers.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, ends_ms = self.desk.texts, self._view.own_certificate_ends_ms
        there = sum(each.is_there for each in self._view.peers)
        own = texts.say("peers.no_certificate") if ends_ms is None else self._when(ends_ms)
        return (
            Fact(texts.say("peers.there"), f"{there}/{len(self._view.peers)}"),
            Fact(texts.say("peers.own_certificate"), own, "caution" if self._ends_soon(ends_ms) else ""),
        )

    @property
    def row_count(self) -> int:
        return len(self._view.peers)

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("peers.none")

    def row(self, at: int) -> SheetRow:
        peer = self._view.peers[at]
        ends_ms = peer.certificate_ends_ms
        ends = "–" if ends_ms is None else self._when(ends_ms)
        cells = (peer.name, self._state(peer), ends, str(peer.held_count) if peer.is_there else "–")
        if not peer.is_there:
            return SheetRow(cells, "soft")
        return SheetRow(cells, "caution" if self._ends_soon(ends_ms) else "")

    def opened(self, row: int) -> None:
        self._view = self._status.peers()
        self.choose(row)

    def _state(self, peer: PeerView) -> str:
        texts = self.desk.texts
        if peer.is_there:
            return texts.say("peers.is_there")
        if peer.silent_ms is None:
            return texts.say("peers.never")
        return texts.say("peers.silent", minutes=max(1, peer.silent_ms // 60_000))

    def _ends_soon(self, ends_ms: int | None) -> bool:
        return ends_ms is None or ends_ms - self.desk.now_ms() < _SOON_MS

    def _when(self, at_ms: int) -> str:
        return format_time(at_ms, self._zone, _WHEN)


def peers(bench: Bench) -> None:
    """Open the page."""
    bench.stack.push(PeersMode(bench))
