"""Who is signed on, and a second person's approval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatorView:
    """Who is signed on."""

    operator_id: str
    operator_number: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason to choose: its code and its names."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A second person said yes; `nonce` goes into the call that is now allowed, once."""

    nonce: str
    kind: str
    name: str
    role: str
