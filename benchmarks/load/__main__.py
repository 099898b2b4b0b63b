"""A thousand workstations, and ten thousand connections, against one server process.

    python -m benchmarks.load [hints prices steady cost idle idle-tls] [--workstations 1000]
                              [--connections 10000] [--rounds 20] [--seconds 60] [--every 20]
                              [--database postgresql | postgresql://…]

hints: from the return of a commit in the server to the event on the last of the streams.
prices: a release of 1,000 prices until each workstation has heard, waited its moment (up to 1 s), pulled the
page, checked manifest and files, and compared the digest's place.
steady: every workstation sells every 20 s, follows the hints of its scopes and asks for everything each five
minutes: processor time of the server as a part of one core.
cost: processor time of the server for one request of a kind, 60 workstations one after the other.
idle: resident memory of the server with so many open streams, plain (a proxy ends TLS) and with TLS inside.
Who is told to come again (503, 429) does so after the wait of the real program, and is counted (put off).
The generator is one more process on the same machine; its own processor time is printed where it may bound.
--database: an empty PostgreSQL instead of the embedded file; the bare word starts the test extra's, durable
(`fsync=on`), on this machine too, and its processor time is told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import ssl
import tempfile
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from benchmarks.load import scenarios
from benchmarks.load.office import LoadChain, found_chain
from benchmarks.load.server import load_server
from benchmarks.report import percentiles, spread

PARTS = ("hints", "prices", "steady", "cost", "idle", "idle-tls")
GOAL_HINT_MS, GOAL_PRICES_S, GOAL_CORE, GOAL_IDLE_MB = 200, 10, 0.6, 500


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    arguments.add_argument("--workstations", type=int, default=1000)
    arguments.add_argument("--connections", type=int, default=10_000)
    arguments.add_argument("--items", type=int, default=20_000)
    arguments.add_argument("--prices", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--every", type=float, default=20.0)
    arguments.add_argument("--database")
    options = arguments.parse_args()
    parts = options.parts or list(PARTS)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = max(options.workstations, options.connections if any("idle" in p for p in parts) else 0)
    print(f"{options.workstations} workstations, load of the machine {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url: str | None = options.database
        options.database_cpu_s = lambda: 0.0
        if url == "postgresql":
            from tests.server.support.postgres import cluster

            here = stack.enter_context(cluster(fsync="on", full_page_writes="on"))
            url, options.database_cpu_s = here.create("load"), partial(cpu_of_cluster, here.data)
        chain = found_chain(Path(folder) / "chain", count, items=options.items, database_url=url)
        for part in parts:
            with load_server(chain.data, tls=part.endswith("tls"), database_url=url) as server:
                asyncio.run(PART[part](chain, server, options))


def cpu_of_cluster(data: Path) -> float:
    """Processor time of a PostgreSQL on this machine: its first process, and all that it began."""
    first = (data / "postmaster.pid").read_text().split()[0]
    found = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = place.read_text().rpartition(")")[2].split()
            if place.parent.name == first:
                found += sum(map(int, fields[11:15]))  # with those that have ended
            elif fields[1] == first:
                found += int(fields[11]) + int(fields[12])
    return found / os.sysconf("SC_CLK_TCK")


async def _hints(chain: LoadChain, server, options) -> None:  # type: ignore[no-untyped-def]
    workstations = scenarios.simulated(chain, server, options.workstations, None)
    found = await scenarios.hints(workstations, server, options.rounds)
    last = sorted(found.last)
    verdict = _verdict(last[int(len(last) * 0.99)] <= GOAL_HINT_MS)
    print(f"hint to each of {options.workstations}       {percentiles(found.each)}")
    print(f"hint to the last, {options.rounds} rounds     {percentiles(last)}; {verdict} {GOAL_HINT_MS} ms")


async def _prices(chain: LoadChain, server, options) -> None:  # type: ignore[no-untyped-def]
    workstations = scenarios.simulated(chain, server, options.workstations, None)
    rounds = [await scenarios.price_change(workstations, server, options.prices) for _ in range(3)]
    most = [times[int(len(times) * 0.99)] for times in rounds]
    verdict = _verdict(max(most) <= GOAL_PRICES_S)
    print(f"{options.prices} prices on 99 %           {spread(most)}; {verdict} {GOAL_PRICES_S} s")
    print(f"… on the last                {spread([times[-1] for times in rounds])}")


async def _steady(chain: LoadChain, server, options) -> None:  # type: ignore[no-untyped-def]
    workstations = scenarios.simulated(chain, server, options.workstations, None)
    began, beside = time.perf_counter(), options.database_cpu_s()
    found = await scenarios.steady(workstations, server, options.seconds, options.every)
    core, beside = found.server_cpu_s / found.seconds, options.database_cpu_s() - beside
    print(
        f"steady, a sale every {options.every:g} s   {core:.0%} of one core, {_verdict(core <= GOAL_CORE)} "
        f"{GOAL_CORE:.0%}; {found.sales / found.seconds:.0f} sales/s, {found.requests / found.seconds:.0f} "
        f"requests/s, generator {found.own_cpu_s / found.seconds:.0%}"
    )
    print(
        f"… a push                     {percentiles(found.push_ms or [0.0])}; {found.put_off} put off, "
        f"{len(found.errors)} errors"
    )
    if beside:
        print(f"… the database              {beside / (time.perf_counter() - began):.0%} of one core")
    for error in found.errors[:3]:
        print(f"  {error}")


async def _cost(chain: LoadChain, server, options) -> None:  # type: ignore[no-untyped-def]
    workstations = scenarios.simulated(chain, server, 60, None)
    found = await scenarios.costs(workstations, server, options.rounds, options.database_cpu_s)
    for name, cost_ms, beside_ms in found:
        beside = f", {beside_ms:.2f} ms of the database's" if beside_ms else ""
        print(f"{name:28} {cost_ms:.2f} ms of the server's processor time{beside}")


async def _idle(chain: LoadChain, server, options) -> None:  # type: ignore[no-untyped-def]
    tls = None
    if server.url.startswith("https"):
        tls = ssl.create_default_context(cafile=str(chain.data / "certificates" / "ca.pem"))
    workstations = scenarios.simulated(chain, server, options.connections, tls)
    before, open_ = await scenarios.idle(workstations, server)
    each = (open_ - before) * 1024 / len(workstations)
    kind = "TLS inside" if tls else "plain"
    verdict = "" if tls else f"; {_verdict(open_ <= GOAL_IDLE_MB)} {GOAL_IDLE_MB} MB"
    print(
        f"{len(workstations)} streams, {kind:10}   {open_:.0f} MB resident "
        f"({before:.0f} before, {each:.1f} KiB each){verdict}"
    )


def _verdict(good: bool) -> str:
    return "within" if good else "ABOVE"


PART = {
    "hints": _hints,
    "prices": _prices,
    "steady": _steady,
    "cost": _cost,
    "idle": _idle,
    "idle-tls": _idle,
}

if __name__ == "__main__":
    main()
