"""The people who hold a chain's root keys, in tests: they sign what head office then adopts."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

from pos_core.sync.trust_root import SignedRoot
from sync_server.services.acts import Act
from sync_server.services.pricing_keys import held, make_next
from sync_server.store import chain_state
from tests.fakes.roots import signed_root
from tests.sync.world import World

ACT = Act("boss", "a test", "u1")


@dataclass
class Ceremony:
    """Roots of one chain; `roots` are the adopted ones."""

    world: World
    holders: Sequence[int]
    threshold: int
    roots: list[SignedRoot] = field(default_factory=list)

    def adopt(self, *, by: Sequence[int], pricing: Sequence[bytes] | None = None) -> SignedRoot:
        """The next root with these holders, pricing keys as they are here unless told."""
        made = self.make(by=by, pricing=pricing)
        self.world.office.trust_roots.adopt(made, ACT)
        self.roots.append(made)
        return made

    def make(self, *, by: Sequence[int], pricing: Sequence[bytes] | None = None) -> SignedRoot:
        """The next root, signed and not adopted."""
        here = [key.public_key().public_bytes_raw() for key in held(self.world.office.folder).values()]
        return signed_root(
            len(self.roots) + 1,
            self.holders,
            self.threshold,
            here if pricing is None else pricing,
            by=by,
            before=self.roots[-1] if self.roots else None,
            chain_id=self.world.office.store.read(lambda txn: chain_state.get(txn, "chain_id") or ""),
        )

    def rotate(self, *, by: Sequence[int]) -> SignedRoot:
        """The waiting pricing key in the place of the present one, which is taken out."""
        return self.adopt(by=by, pricing=[make_next(self.world.office.folder)])


def text(key: bytes) -> str:
    """As people hand a public key on."""
    return base64.b64encode(key).decode()
