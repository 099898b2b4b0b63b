"""Files from somebody who is believed nothing: a file server or CDN that the chain's policy names.

Plain requests without a name or a signature of ours; what comes is known by its hashes alone.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import httpx

from pos_client.sync.errors import ServerAway
from pos_client.sync.wire import TIMEOUT, take_file


def fetch(
    url: str,
    take: Callable[[bytes], Any],
    *,
    length: int,
    start: int,
    begin_anew: Callable[[], None],
) -> None:
    """GET from byte `start` on, as `Wire.download`. Raises ServerAway, TooManyBytes, TooSlow and `take`'s.

    HTTPS is checked against the machine's own authorities; a redirection is a wrong answer like any other.
    """
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with (
            httpx.Client(
                verify=ssl.create_default_context(), timeout=TIMEOUT, trust_env=False, follow_redirects=False
            ) as http,
            http.stream("GET", url, headers=headers) as response,
        ):
            take_file(response, take, length=length, start=start, begin_anew=begin_anew)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
        raise ServerAway(f"{type(error).__name__}: {error}") from error
