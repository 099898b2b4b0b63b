"""Head office answers wherever the run is."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.sim.network import Caller


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode() + message["body"]})


def test_it_answers_on_a_thread_where_another_loop_runs() -> None:
    async def ask() -> httpx.Response:
        caller = Caller(echo)
        try:
            return caller.answer(httpx.Request("POST", "https://head.office/v1/push", content=b"!"))
        finally:
            caller.close()

    with ThreadPoolExecutor(1) as thread:  # this test's own thread may have a loop already
        assert thread.submit(asyncio.run, ask()).result(60).read() == b"/v1/push!"
