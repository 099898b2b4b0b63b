"""What is measured: hints, a price change, the steady state, idle connections."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.load.office import LoadChain
from benchmarks.load.server import LoadServer
from benchmarks.load.workstation import Simulated, WrongAnswer
from pos_client.sync.hints import HINT_SPREAD_S
from pos_client.sync.sync_client import CALM_EVERY_S

CONNECT_AT_ONCE = 100
WAIT_S = 300.0
Heard = Callable[[Simulated, dict[str, Any] | None], None]


def simulated(
    chain: LoadChain, server: LoadServer, count: int, tls: ssl.SSLContext | None
) -> list[Simulated]:
    """The first `count` workstations of the chain."""
    place = urlsplit(server.url)
    assert place.hostname and place.port
    return [Simulated(chain, who, place.hostname, place.port, tls) for who in chain.workstations[:count]]


@asynccontextmanager
async def listening(workstations: list[Simulated], heard: Heard) -> AsyncIterator[None]:
    """Every workstation's stream is open inside the block."""
    gate, opened, everybody = asyncio.Semaphore(CONNECT_AT_ONCE), set[str](), asyncio.Event()

    def told(one: Simulated, hint: dict[str, Any] | None) -> None:
        if one.who.workstation_id not in opened:
            opened.add(one.who.workstation_id)
            gate.release()
            if len(opened) == len(workstations):
                everybody.set()
        heard(one, hint)

    async def listen(one: Simulated) -> None:
        await gate.acquire()
        await one.listen(told)

    tasks = [asyncio.create_task(listen(one)) for one in workstations]
    waiting = asyncio.create_task(everybody.wait())
    done, _ = await asyncio.wait([*tasks, waiting], timeout=300, return_when=asyncio.FIRST_COMPLETED)
    if waiting not in done:
        raise WrongAnswer(f"only {len(opened)} of {len(workstations)} streams opened: {done}")
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Rounds:
    """Milliseconds from a commit to each workstation, and to the last of each round."""

    each: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)


async def hints(workstations: list[Simulated], server: LoadServer, rounds: int) -> Rounds:
    """One item changes; when has each workstation heard of it?"""
    result, seen = Rounds(), dict[str, int]()
    everybody = asyncio.Event()
    newest = 0

    def heard(one: Simulated, hint: dict[str, Any] | None) -> None:
        nonlocal newest
        if hint is None or hint["scope"] != "chain":
            return
        if hint["sequence"] > newest:
            newest = hint["sequence"]
            seen.clear()
        seen[one.who.workstation_id] = time.monotonic_ns()
        if len(seen) == len(workstations):
            everybody.set()

    async with listening(workstations, heard):
        await asyncio.sleep(0.5)
        for _ in range(rounds):
            everybody.clear()
            seen.clear()
            began = await asyncio.to_thread(server.do, "put 1")
            async with asyncio.timeout(WAIT_S):
                await everybody.wait()
            times = [max(0, at - began) / 1e6 for at in seen.values()]
            result.each += times
            result.last.append(max(times))
            await asyncio.sleep(0.3)
    return result


async def price_change(workstations: list[Simulated], server: LoadServer, prices: int) -> list[float]:
    """Seconds from the commit of a release until each workstation has it: page, manifest, files, digest."""
    for one in workstations:
        one.cursors = {}
    first = workstations[0]
    await first.pull("chain")
    for one in workstations:
        one.cursors["chain"] = first.cursors["chain"]
    done: list[float] = []
    tasks: list[asyncio.Task[None]] = []
    began = 0
    everybody = asyncio.Event()

    async def fetch(one: Simulated) -> None:
        await asyncio.sleep(random.random() * HINT_SPREAD_S)
        found = await one.stage(await one.pull("chain"))
        digest = await one.ask("GET", "/v1/digest?scope=chain")
        if found != prices or digest["sequence"] != one.cursors["chain"]:
            raise WrongAnswer(f"{found} prices, digest at {digest['sequence']}")
        done.append(time.monotonic_ns() / 1e9)
        if len(done) == len(workstations):
            everybody.set()

    def heard(one: Simulated, hint: dict[str, Any] | None) -> None:
        if hint and hint["scope"] == "chain" and hint["sequence"] > one.cursors["chain"]:
            tasks.append(asyncio.create_task(fetch(one)))

    async with listening(workstations, heard):
        began = await asyncio.to_thread(server.do, f"publish {prices}")
        async with asyncio.timeout(WAIT_S):
            await everybody.wait()
    await asyncio.gather(*tasks)
    return sorted(at - began / 1e9 for at in done)


@dataclass
class Steady:
    """What a stretch of selling came to."""

    seconds: float
    sales: int
    requests: int
    server_cpu_s: float
    own_cpu_s: float
    push_ms: list[float]
    put_off: int
    errors: list[str]


async def steady(workstations: list[Simulated], server: LoadServer, seconds: float, every_s: float) -> Steady:
    """Each workstation sells every `every_s`, pulls what hints tell of, and asks for all now and then."""
    pushes: list[float] = []
    errors: list[str] = []
    over = False  # nobody begins to follow a hint on a connection whose question was given up
    hinted: set[asyncio.Task[None]] = set()
    waiting: set[tuple[str, str]] = set()
    locks = {one.who.workstation_id: asyncio.Lock() for one in workstations}

    async def turn(one: Simulated, work: Any) -> None:
        """One thing at a time for each workstation, as the sync worker does."""
        async with locks[one.who.workstation_id]:
            try:
                await work
            except (WrongAnswer, OSError, asyncio.IncompleteReadError) as error:
                errors.append(repr(error))
                one.connection = None

    async def timed_sale(one: Simulated) -> None:
        started = time.perf_counter()
        await one.sell()
        pushes.append((time.perf_counter() - started) * 1000)

    async def sell(one: Simulated) -> None:
        await asyncio.sleep(random.random() * every_s)
        while True:
            await turn(one, timed_sale(one))
            await asyncio.sleep(every_s)

    async def ask(one: Simulated) -> None:
        await asyncio.sleep(random.random() * CALM_EVERY_S)
        while True:
            await turn(one, one.whole_exchange())
            await asyncio.sleep(CALM_EVERY_S)

    async def follow(one: Simulated, scope: str) -> None:
        await asyncio.sleep(random.random() * HINT_SPREAD_S)
        waiting.discard((one.who.workstation_id, scope))
        await turn(one, one.pull(scope))

    def heard(one: Simulated, hint: dict[str, Any] | None) -> None:
        if over or hint is None or hint["sequence"] <= one.cursors.get(hint["scope"], 0):
            return
        key = (one.who.workstation_id, hint["scope"])
        if key not in waiting:
            waiting.add(key)
            task = asyncio.create_task(follow(one, hint["scope"]))
            hinted.add(task)
            task.add_done_callback(hinted.discard)

    first = workstations[0]
    await first.pull("chain")
    for one in workstations:
        one.cursors["chain"] = first.cursors["chain"]
    async with listening(workstations, heard):
        tasks = [asyncio.create_task(work(one)) for one in workstations for work in (sell, ask)]
        await asyncio.sleep(every_s / 2)
        pushes.clear()
        put_off = sum(one.put_off for one in workstations)
        requests, cpu, own = sum(one.requests for one in workstations), server.cpu_s(), time.process_time()
        started = time.perf_counter()
        await asyncio.sleep(seconds)
        taken = time.perf_counter() - started
        result = Steady(
            taken,
            len(pushes),
            sum(one.requests for one in workstations) - requests,
            server.cpu_s() - cpu,
            time.process_time() - own,
            pushes,
            sum(one.put_off for one in workstations) - put_off,
            errors,
        )
        over = True
        for task in [*tasks, *hinted]:
            task.cancel()
        await asyncio.gather(*tasks, *hinted, return_exceptions=True)
    return result


async def costs(
    workstations: list[Simulated], server: LoadServer, rounds: int, database_cpu_s: Callable[[], float]
) -> list[tuple[str, float, float]]:
    """Milliseconds of the server's processor time for a piece of each kind, and of its database's."""

    async def sell(one: Simulated) -> None:
        await one.sell()

    async def pull(one: Simulated) -> None:
        await one.pull(f"store:{one.who.store_id}")

    async def both(one: Simulated) -> None:
        await sell(one)
        await pull(one)

    for one in workstations:
        await sell(one)
        await one.whole_exchange()
    found = []
    for name, work in (
        ("a sale", sell),
        ("the rows of the sales", pull),
        ("nothing new", pull),
        ("both", both),
    ):
        times = 1 if name == "the rows of the sales" else rounds
        before, beside = server.cpu_s(), database_cpu_s()
        for _ in range(times):
            for one in workstations:
                await work(one)
        each = 1000 / (times * len(workstations))
        found.append((name, (server.cpu_s() - before) * each, (database_cpu_s() - beside) * each))
    return found


async def idle(workstations: list[Simulated], server: LoadServer) -> tuple[float, float]:
    """Resident memory before, and while every stream is open; heartbeats pass meanwhile."""
    before = server.resident_mb()
    async with listening(workstations, lambda one, hint: None):
        await asyncio.sleep(5)
        return before, server.resident_mb()
