"""The ten attacks on a chain's releases, as a hostile head office would carry them out.

Whoever holds head office's machine can put any row into its feed and any bytes behind a file's name; he may
have stolen an old pricing key, or for a while the present one. What he cannot do is sign with the root.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_core.canonical import canonical_bytes
from pos_core.sync.trust_root import key_id_of
from sync_server.services.pricing_keys import RELEASE_TAG, held
from sync_server.store import feed, release
from sync_server.store.engine import Txn
from tests.server.support.series import START_MS
from tests.sync.world import PRICE_COLUMNS, World

DAY_MS = 86_400_000
CHEAP = [["PL1", "A1", START_MS, None, 1]]


@dataclass
class Attacker:
    """Makes releases and slips them into the feed of `world`."""

    world: World
    stolen: Ed25519PrivateKey
    """The pricing key that the root took out."""
    signers: list[Ed25519PrivateKey] = field(default_factory=list)

    def present(self) -> Ed25519PrivateKey:
        """The pricing key in force: what its thief can do until the root takes it out."""
        return next(iter(held(self.world.office.folder).values()))

    def offer(self, *keys: Ed25519PrivateKey, prices: Any = None, **changes: Any) -> None:
        """A release after the newest one, changed as told, signed by `keys`, in the feed."""
        packed = zstandard.compress(canonical_bytes({"columns": PRICE_COLUMNS, "rows": prices or CHEAP}))

        def put(txn: Txn) -> None:
            newest = release.newest(txn)
            assert newest is not None
            ref = self.world.office.blobs.put(txn, packed)
            files = [{"name": "prices", "kind": "base", "sha256": ref.sha256, "length": ref.length}]
            manifest = json.loads(newest.manifest) | {
                "version": newest.version + 1,
                "prev_manifest_sha256": newest.manifest_sha256,
                "expires_at_ms": self.world.clock.now_ms() + DAY_MS,
                "files": files,
            }
            text = canonical_bytes(manifest | changes).decode()
            row = [(manifest | changes)["version"], text, _signatures(text, keys)]
            feed.put_rows(txn, "release", "chain", [row])

        self.world.office.store.write(put)

    def replay_an_old_one(self) -> None:
        """The feed goes back: only release 1 is offered."""

        def put(txn: Txn) -> None:
            versions = [[row[0]] for row in feed.rows_of(txn, "release", "chain") if row[0] > 1]
            feed.put_rows(txn, "release", "chain", [], versions)

        self.world.office.store.write(put)

    def behind_the_name(self, change: Callable[[bytes], bytes]) -> None:
        """A lawful-looking release whose file on the server holds other bytes than were signed."""
        prices = [["PL1", f"A{n}", START_MS, None, 77] for n in range(50)]
        packed = zstandard.compress(canonical_bytes({"columns": PRICE_COLUMNS, "rows": prices}))
        self.offer(self.present(), prices=prices)
        path = self.world.office.blobs.path(hashlib.sha256(packed).hexdigest())
        path.write_bytes(change(packed))


def _signatures(text: str, keys: tuple[Ed25519PrivateKey, ...]) -> str:
    return json.dumps(
        [
            {
                "key_id": key_id_of(key.public_key().public_bytes_raw()),
                "signature": base64.b64encode(key.sign(RELEASE_TAG + text.encode())).decode(),
            }
            for key in keys
        ]
    )


def _stranger() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


TEN: list[tuple[str, str, Callable[[Attacker], None]]] = [
    ("arbitrary prices", "release_bad_signature", lambda a: a.offer(_stranger())),
    ("a stolen key that the root took out", "release_key_withdrawn", lambda a: a.offer(a.stolen)),
    ("rollback", "release_version_not_rising", lambda a: a.replay_an_old_one()),
    (
        "fast-forward",
        "release_fast_forward",
        lambda a: a.offer(a.present(), version=2**53 - 1),
    ),
    ("freeze", "release_expired", lambda a: a.offer(a.present(), expires_at_ms=START_MS)),
    (
        "mix-and-match of histories",
        "release_wrong_previous",
        lambda a: a.offer(a.present(), prev_manifest_sha256="ab" * 32),
    ),
    (
        "wrong target",
        "release_wrong_scope",
        lambda a: a.offer(a.present(), scope="store:S002"),
    ),
    ("endless data", "release_file_length", lambda a: a.behind_the_name(lambda data: data * 4000)),
    (
        "mix-and-match of files",
        "release_file_hash",
        lambda a: a.behind_the_name(lambda data: data[:-1] + bytes([data[-1] ^ 1])),
    ),
    ("slow retrieval", "release_file_slow", lambda a: a.behind_the_name(lambda data: data)),
]
"""What it is called, the code that a workstation answers with, and the deed. TUF names them so."""

MORE: list[tuple[str, str, Callable[[Attacker], None]]] = [
    ("another chain's", "release_wrong_chain", lambda a: a.offer(a.present(), chain_id="other")),
    ("two histories of one version", "release_forked", lambda a: a.offer(a.present(), version=2)),
    ("for a newer program", "release_needs_newer_app", lambda a: a.offer(a.present(), min_app="99.0")),
    ("no manifest", "release_malformed", lambda a: a.offer(a.present(), v=7)),
]
