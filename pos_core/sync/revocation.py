"""The order that a revoked workstation's keys be destroyed, as head office signs it.

It stands in the facts of the refusal `workstation_revoked`, whose own signature binds it to one request.
Beside it `deliver_until_ms`, while the chain's policy lets a revoked workstation hand in its documents.
"""

from __future__ import annotations

from dataclasses import dataclass

GRACE_HOURS_MAX = 168
"""Of the policy `revoked_grace`: hours in which a revoked workstation may still hand in what it sold."""
LAST_DELIVERY = "?revoked"
"""Query of the series' and documents' routes then: who does not know the order yet is refused with it."""


@dataclass(frozen=True, slots=True)
class RevocationOrder:
    """Names one workstation, the newest series that head office knows of it, and the moment (epoch ms).

    `signature` (base64): the server's over `statement`.
    """

    workstation_id: str
    incarnation: int
    revoked_at_ms: int
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """What the server signs. It holds beyond the request: a wipe that was cut is finished by it."""
        lines = ["tidemark.revocation.1", self.workstation_id, str(self.incarnation), str(self.revoked_at_ms)]
        return "\n".join(lines).encode()
