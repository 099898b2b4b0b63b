"""Records what two workstations of one store say to each other, as a version of their protocol leaves it.

    python tests/golden/peers/record.py v1                          the tree that this file is in
    python tests/golden/peers/record.py v1 --tree ../at-COMMIT      another, from `git archive COMMIT`

Writes `tests/golden/peers/<version>/` as README.md there says. A version is recorded once, when it is left;
the newest may be recorded again until then.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
STAMP = (2026, 11, 22, 0, 0, 0)
GOLD, POLICY = "points/gold", {"points": {"*": 100, "gold": 1000}, "term_hours": 72}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("version")
    arguments.add_argument("--tree", type=Path, default=HERE.parents[2])
    options = arguments.parse_args()
    tree = options.tree.resolve()
    sys.path[:] = [str(tree), *(entry for entry in sys.path if Path(entry or ".").resolve() != HERE)]
    target = HERE / options.version
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        trace = _Recording(Path(temporary), target).run()
    (target / "trace.json").write_text(json.dumps(trace, ensure_ascii=False, indent=1) + "\n", "utf-8")


class _Tapped:
    """A TLS connection whose frames are kept: what one end sent, and what it was sent after that."""

    def __init__(self, plug: Any, frames: list[list[bytes]]) -> None:
        self._plug, self._frames = plug, frames

    def sendall(self, data: bytes) -> None:
        self._frames.append([data, b""])
        self._plug.sendall(data)

    def recv(self, size: int) -> bytes:
        data: bytes = self._plug.recv(size)
        self._frames[-1][1] += data
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plug, name)


class _Recording:
    """Two workstations with something to tell each other, copied, and then every word between them."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder, self.target = folder, target
        self.said: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        from tests.sync.floor import running_floor
        from tests.sync.test_peer_images import _on

        with running_floor(self.folder, 2) as floor:
            self._prepare(floor)
            for station in floor.stations:
                station.hang_up()
            for name, station in zip("ab", floor.stations, strict=True):
                station.close()
                station.till.close()
                self._pack(name, station.till.folder)
                _on(station)
            self._talk(*floor.stations)
            return {
                "now_ms": floor.world.clock.now_ms(),
                "shown": {
                    name: base64.b64encode(station.gate.card().certificate).decode()
                    for name, station in zip("ab", floor.stations, strict=True)
                },
                "coupon": self.coupon,
                "said": self.said,
            }

    def _prepare(self, floor: Any) -> None:
        from sync_server.services.acts import at_command_line
        from tests.fakes.facts import count, coupon, points, sale
        from tests.sync.test_members import join
        from tests.sync.test_peer_baskets import _hold

        a, b = floor.stations
        floor.world.put("policy", [["allowances", json.dumps(POLICY)]])
        self.coupon = self._leased_coupon(floor, a)
        floor.exchange()
        floor.exchange()
        join(a.till, "m-1")
        join(a.till, "m-2", "13800138001")
        b.ask(a)  # it holds both keys
        floor.exchange(a)
        floor.world.office.erasures.erase(at_command_line(), "m-2")
        floor.exchange(a)
        self._go_back(a, b)
        a.record("sale", sale(quantity_milli=3000, points=(points("m1", 9),), coupons=(coupon("C1"),)))
        a.record("count", count(7000))
        _hold(a, "h1")

    def _leased_coupon(self, floor: Any, holder: Any) -> list[str]:
        from sync_server.services.acts import at_command_line
        from sync_server.services.coupons import Campaign

        office, act = floor.world.office, at_command_line()
        now_ms = floor.world.clock.now_ms()
        ends_ms = now_ms + 9 * 24 * 3_600_000
        campaign = Campaign("LOCAL", "本店", "Local", "P1", "leased", 1, None, None, now_ms, ends_ms)
        office.coupons.put_campaign(act, campaign)
        (issued,) = office.coupons.issue_codes(act, "LOCAL", [None])
        (lease,) = office.coupon_leases.give(act, "S001", [issued.text], days=3, workstation_id=holder.id)
        return [f"coupon/{lease.coupon_id}/{lease.holder}", lease.coupon_id]

    def _go_back(self, a: Any, b: Any) -> None:
        """`b` sells, `a` hears of it, and `b` is put back to an image from before."""
        from tests.fakes.facts import sale
        from tests.sync.test_peer_images import _image, _on, _put_back

        _image(b, self.folder / "image")
        _on(b)
        for _ in range(2):
            b.record("sale", sale(quantity_milli=2000))
        a.ask(b)
        _put_back(b, self.folder / "image")

    def _talk(self, a: Any, b: Any) -> None:
        self._ask("b", b, a)
        self._ask("b", b, a, take="h1")
        self._ask("b", b, a, coupon=tuple(self.coupon))
        self._ask("b", b, a, short={GOLD: 300})
        self._ask("b", b, a)
        self._ask("a", a, b)
        self._put("b", b, a, {"version": 0, "members": ["m-2"]})
        self._put("b", b, a, {"version": 2, "want": {"1": 1 << 40}, "of_a_later_version": [1]})

    def _ask(self, name: str, one: Any, other: Any, **wanted: Any) -> None:
        from pos_client.sync.peers.caller import Caller
        from pos_client.sync.peers.link import Link

        frames: list[list[bytes]] = []

        def dial(address: Any, context: Any) -> Any:
            link = Link.call(address, context)
            link._plug = _Tapped(link._plug, frames)  # type: ignore[assignment]
            return link

        address = ("127.0.0.1", other.listener.port)
        caller = Caller(address, one.gate, one.desk, lambda *heard: None, dial=dial)
        caller.ask_once(**wanted)
        caller.close()
        self._keep(name, frames)

    def _put(self, name: str, one: Any, other: Any, question: dict[str, Any]) -> None:
        from pos_client.sync.peers.link import Link
        from pos_core.sync.peer_messages import PeerAnswer

        frames: list[list[bytes]] = []
        link = Link.call(("127.0.0.1", other.listener.port), one.gate.context(listening=False))
        link._plug = _Tapped(link._plug, frames)  # type: ignore[assignment]
        link.send(question)
        link.receive(PeerAnswer)
        link.close()
        self._keep(name, frames)

    def _keep(self, name: str, frames: list[list[bytes]]) -> None:
        for question, answer in frames:
            texts = [base64.b64encode(each).decode() for each in (question, answer)]
            self.said.append({"by": name, "question": texts[0], "answer": texts[1]})

    def _pack(self, name: str, folder: Path) -> None:
        """As it lies on the disk of a machine that is off."""
        packed = self.target / f"{name}.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), STAMP)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    main()
