"""What a workstation refused to believe, as its status tells it; apart from `protocol`, as grants are."""

from __future__ import annotations

from dataclasses import dataclass

REFUSALS_MAX = 40


@dataclass(frozen=True, slots=True)
class RefusedThing:
    """What a workstation refused to believe, counted by kind and code over its life.

    Attributes:
        kind: release, root, snapshot or certificate.
        subject: the newest one's version, or the workstation that showed the certificate.
    """

    kind: str
    code: str
    count: int
    first_at_ms: int
    last_at_ms: int
    subject: str = ""
