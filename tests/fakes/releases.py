"""Signed releases for tests, made the way HQ makes them."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.replica.release_files import PRICE_COLUMNS
from pos_client.replica.release_rules import SIGNING_TAG, OfferedRelease, Trust
from pos_core.canonical import canonical_bytes

DAY_MS = 86_400_000
T0 = 1_800_000_000_000


def pricing_key(seed: int = 1) -> Ed25519PrivateKey:
    """A pricing key, the same for the same seed."""
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def trust(**changes: Any) -> Trust:
    """A workstation that believes in pricing key 1, called "p1"."""
    values: dict[str, Any] = {
        "chain_id": "chain-1",
        "keys": {"p1": pricing_key(1).public_key().public_bytes_raw()},
        "app_version": "0.1.0",
    }
    return Trust(**(values | changes))


def pack(value: Any) -> bytes:
    """A release file: zstd of canonical JSON."""
    return zstandard.compress(canonical_bytes(value))


@dataclass
class Release:
    """What HQ publishes; tamper with `manifest` or `signatures` to play an attacker."""

    manifest: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    signers: dict[str, Ed25519PrivateKey] = field(default_factory=lambda: {"p1": pricing_key(1)})

    @property
    def text(self) -> str:
        return canonical_bytes(self.manifest).decode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def signatures(self) -> str:
        return json.dumps(
            [
                {
                    "key_id": key_id,
                    "signature": base64.b64encode(key.sign(SIGNING_TAG + self.text.encode())).decode(),
                }
                for key_id, key in self.signers.items()
            ]
        )

    def offer(self) -> OfferedRelease:
        return OfferedRelease(self.manifest["version"], self.text, self.signatures())

    def feed_row(self) -> list[Any]:
        offer = self.offer()
        return [offer.version, offer.manifest, offer.signatures]


def release(
    version: int,
    prices: list[list[Any]] | None = None,
    *,
    after: Release | None = None,
    kind: str | None = None,
    promotions: Any = None,
    **changes: Any,
) -> Release:
    """A release with `prices` rows; a delta on `after`, a base without one."""
    kind = kind or ("base" if after is None else "delta")
    files: dict[str, bytes] = {}
    entries = []
    contents = [("prices", kind, {"columns": PRICE_COLUMNS, "rows": prices or []})]
    if promotions is not None:
        contents.append(("promotions", "base", promotions))
    for name, file_kind, content in contents:
        data = pack(content)
        sha256 = hashlib.sha256(data).hexdigest()
        files[sha256] = data
        entries.append({"name": name, "kind": file_kind, "sha256": sha256, "length": len(data)})
    manifest = {
        "v": 1,
        "chain_id": "chain-1",
        "scope": "chain",
        "version": version,
        "epoch": "e1",
        "issued_at_ms": T0,
        "expires_at_ms": T0 + 30 * DAY_MS,
        "effective_from_ms": T0,
        "prev_manifest_sha256": None if after is None else after.sha256,
        "files": entries,
        "min_app": "0.1.0",
        "note": "",
    }
    return Release(manifest | changes, files)
