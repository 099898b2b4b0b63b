"""The workstation is killed at a system call in the middle of a push, a pull or a snapshot's installation.

After the next start and exchange every document is at head office once, in one chain, and the replica is
whole: the old one or the new one, never a mix.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.fakes.reference_rows import item_row
from tests.server.support.series import START_MS
from tests.sync.world import Till, World

CALLS = ("sendto", "recvfrom", "pwrite64", "fdatasync", "fsync", "rename", "unlink", "ftruncate", "write")
KILLS = int(os.environ.get("TIDEMARK_KILLS", "84"))
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None, reason="needs strace"
)


class Zygote:
    """Runs exchanges in processes of their own, under strace."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.exchange_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def run(self, folder: Path, *strace: str, output: Path) -> int:
        """One exchange of the till in `folder` with these strace options; its exit code (-9: killed)."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        pid = self._process.stdout.readline().strip()
        tracer = subprocess.Popen(
            ["strace", "-f", "-o", str(output), *strace, "-p", pid], stderr=subprocess.PIPE, text=True
        )
        assert tracer.stderr is not None and "attached" in tracer.stderr.readline()
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        tracer.wait(20)
        return code

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    found = Zygote()
    yield found
    found.close()


def count_calls(zygote: Zygote, folder: Path, output: Path) -> dict[str, int]:
    """How often each call is made in an exchange that nobody disturbs."""
    assert zygote.run(folder, "-e", "trace=" + ",".join(CALLS), output=output) == 0
    text = output.read_text()
    return {call: text.count(f" {call}(") for call in CALLS}


def points(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Every (call, nth) that was seen, in an order that spreads any first part over all of them."""
    everything = [(call, nth) for call, count in counts.items() for nth in range(1, count + 1)]
    return random.Random(4).sample(everything, len(everything))


def aims(counts: dict[str, int], kills: int) -> Iterator[tuple[str, int]]:
    """The points again and again, so that a campaign of any length finds its `kills`.

    The last calls of a run are not made in every run, so some aims miss; a campaign whose aims miss nine
    times in ten does not do what it says and ends short of its number.
    """
    return islice(cycle(points(counts)), 10 * kills)


def stocked(world: World) -> None:
    world.stock_shelves(40)
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)


def test_killed_while_pushing(
    world: World, zygote: Zygote, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stocked(world)
    till = world.till("pushing")
    till.client.exchange()
    killed, counts = 0, {"sendto": 0}
    till.sell(6)
    till.close()
    counts = count_calls(zygote, till.folder, tmp_path / "trace")
    for call, nth in aims(counts, KILLS // 2):
        if killed == KILLS // 2:
            break
        till = Till.open(till.folder, world.clock)
        till.sell(6)
        till.close()
        inject = f"inject={call}:signal=SIGKILL:when={nth}"
        killed += zygote.run(till.folder, "-e", inject, output=tmp_path / "trace") == -9
    till = Till.open(till.folder, world.clock)
    world.tills[:] = [till]
    till.client.exchange()
    assert killed == KILLS // 2
    assert world.has_all_of(till) and world.documents() == till.journal.head().number
    assert till.journal.series.incarnation == 1 and till.replica.is_complete()
    with capsys.disabled():
        print(f"\n[{killed} kills of a push]")


@pytest.mark.parametrize("start", ["snapshot", "store_file", "feed"])
def test_killed_while_a_new_workstation_fetches_its_data(
    world: World,
    zygote: Zygote,
    tmp_path: Path,
    start: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stocked(world)
    # Copies of one till take turns: what each would journal of its own would make clones of them.
    world.put("policy", [["allowances", '{"points":{},"stored_value_minor":0}']])
    if start == "snapshot":
        world.office.snapshots.build()
    elif start == "store_file":
        world.office.store_files.build("S001", whatever_size=True)
    till = world.till("new")
    till.sell(1)
    till.close()
    world.tills.clear()
    killed = kill_copies(zygote, till.folder, tmp_path, lambda folder: check_whole(folder, world))
    with capsys.disabled():
        print(f"\n[{killed} kills of a first download]")


def test_killed_while_a_release_and_changed_items_come(
    world: World, zygote: Zygote, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.put("policy", [["allowances", '{"points":{},"stored_value_minor":0}']])
    world.stock_shelves(40)
    prices = {1: 500, 2: 700}
    world.publish(at_price(prices[1]), kind="base", effective_from_ms=START_MS)
    till = world.till("selling")
    till.client.exchange()
    till.close()
    world.tills.clear()
    world.put("item", [item_row(f"A{n}", f"新商品{n}", sales_rank=n) for n in range(40)])
    world.publish(at_price(prices[2]), kind="delta", effective_from_ms=START_MS)
    found: set[int] = set()

    def check(folder: Path) -> None:
        """Every price is of the one release that is in force, every name of the one state of the feed."""
        till = Till.open(folder, world.clock)
        try:
            found.add(version_of(till, prices))
            till.client.exchange()
            assert version_of(till, prices) == 2 and len(till.replica.search("新商品", limit=99)) == 40
        finally:
            till.close()

    killed = kill_copies(zygote, till.folder, tmp_path, check)
    assert found == {1, 2}, "the kills met it before and after"
    with capsys.disabled():
        print(f"\n[{killed} kills of a change]")


def at_price(price_minor: int) -> list[list[object]]:
    return [["PL1", f"A{n}", START_MS, None, price_minor] for n in range(40)]


def version_of(till: Till, prices: dict[int, int]) -> int:
    """The release in force, of which every price is; all items are from before or from after."""
    release = till.replica.active_release(START_MS)
    assert release is not None
    rows = [
        till.replica.price_at(
            f"A{n}", release_version=release.version, instant_ms=START_MS, price_list_id="PL1"
        )
        for n in range(40)
    ]
    assert {row.price_minor if row else None for row in rows} == {prices[release.version]}
    items = [till.replica.item_by_sku(f"A{n}") for n in range(40)]
    assert len({item.name.startswith("新") if item else None for item in items}) == 1
    return release.version


def kill_copies(zygote: Zygote, folder: Path, tmp_path: Path, check: Callable[[Path], None]) -> int:
    """Kills exchanges of copies of a till, checks each that was left; how many were killed."""
    shutil.copytree(folder, tmp_path / "counting")
    counts = count_calls(zygote, tmp_path / "counting", tmp_path / "trace")
    killed, wanted = 0, KILLS // 4
    for number, (call, nth) in enumerate(aims(counts, wanted)):
        if killed == wanted:
            break
        copy = tmp_path / f"copy{number}"
        shutil.copytree(folder, copy)
        inject = f"inject={call}:signal=SIGKILL:when={nth}"
        killed += zygote.run(copy, "-e", inject, output=tmp_path / "trace") == -9
        check(copy)
        shutil.rmtree(copy)
    assert killed == wanted
    return killed


def check_whole(folder: Path, world: World) -> None:
    """What a kill has left opens, sells nothing that is half, and is complete after one exchange."""
    till = Till.open(folder, world.clock)
    try:
        if till.replica.is_complete():
            assert till.replica.item_by_sku("A39") is not None
        report = till.client.exchange()
        assert report.healed == [] and report.wrong_snapshot is None
        assert till.replica.is_complete() and len(till.replica.search("商品", limit=99)) == 40
        assert till.replica.active_release(START_MS) is not None
    finally:
        till.close()
