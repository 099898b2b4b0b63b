"""The chain's choice of file servers for snapshots: reference policy `snapshot_urls`.

    ["https://cdn.example.com/tidemark/", "http://192.168.10.5/snapshots/"]

A snapshot lies there under its SHA-256 (`python -m sync_server snapshot --copy-to DIR`). Head office serves
it too: the addresses are tried first, in order, and what they send is checked piece by piece.
"""

from __future__ import annotations

import re
from typing import Any

from pos_core.errors import InvalidInput

URLS_MAX = 4
_ADDRESS = re.compile(
    r"https?://([0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,4}|:[1-5][0-9]{4}|:6[0-4][0-9]{3})?(/[^\s?#@]*)?\Z"
)
CHUNK_BYTES = 4 * 1024 * 1024


class BadSnapshotUrls(InvalidInput):
    """The policy `snapshot_urls` cannot be understood; the message says what."""

    code = "bad_snapshot_urls"


def parse_snapshot_urls(value: Any) -> tuple[str, ...]:
    """Base addresses, each ending in `/`; None: nothing was set. Raises BadSnapshotUrls."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > URLS_MAX:
        raise BadSnapshotUrls(
            f"must be a list of at most {URLS_MAX} addresses", reason="list_within", most=URLS_MAX
        )
    return tuple(_base(each) for each in value)


def _base(text: Any) -> str:
    if not isinstance(text, str) or len(text) > 500 or not text.isascii() or not text.isprintable():
        raise BadSnapshotUrls("an address is http:// or https:// and printable ASCII", reason="web_address")
    if not _ADDRESS.match(text):
        raise BadSnapshotUrls(
            "an address is http:// or https:// without user, query and fragment", reason="web_address"
        )
    return text if text.endswith("/") else text + "/"
