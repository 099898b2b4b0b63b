"""Messages of `POST /v1/authorisations` and `POST /v1/member-codes`: head office is asked by a waiting till.

What head office lets go is an allowance for one account (`online_…/<series>/<request id>`): granted, used
by a sale's document, or given back in the journal like every other. docs/rulings.md, "Allowances".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_core.errors import Refusal
from pos_core.sync.granted_allowance import GrantedAllowance

What = Literal["points", "stored_value", "coupon"]
WHAT: tuple[What, ...] = ("points", "stored_value", "coupon")
_PREFIX = "online_"
KINDS = tuple(f"{_PREFIX}{what}" for what in WHAT)
"""What the id of an allowance for one account begins with."""
AMOUNT_MAX = 1_000_000_000

Verdict = Literal["right", "wrong", "locked", "unknown"]


class AuthorisationRefused(Refusal):
    """Head office lets none of it go; `facts`: `reason` and `available`.

    Reasons: not_enough, frozen, blocked, unknown, used, out_of_time, for_another, leased, restored (it
    waits for workstations after a restore), ended (this question was given up before it came).
    """

    code = "authorisation_refused"


@dataclass(frozen=True, slots=True)
class AuthorisationQuestion:
    """POST /v1/authorisations: asks for one amount of one account; the same question again changes nothing.

    Attributes:
        incarnation: of the caller's present series; with `request_id` the name of the allowance.
        account: a member, an account of stored value, or of a coupon its number.
        amount: points, minor units, or 1.
        unheard: what the caller knows to be taken of the account and head office has not heard of.
        instead_of: an earlier allowance for the account, given back by this question.
        member_id: of a coupon: the member on the basket, "" where there is none.
        code: of a coupon that the caller does not know: what was typed; `account` is then "".
    """

    incarnation: int
    request_id: str
    what: str
    account: str
    amount: int
    unheard: int = 0
    instead_of: str = ""
    member_id: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class GrantedCoupon:
    """A coupon as head office has it."""

    coupon_id: str
    campaign_id: str
    member_id: str
    starts_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class AuthorisationAnswer:
    """`granted`, or `refused`: the reason, with what would be `available`."""

    epoch: str
    granted: GrantedAllowance | None
    refused: str = ""
    available: int = 0
    coupon: GrantedCoupon | None = None


@dataclass(frozen=True, slots=True)
class MemberCodeQuestion:
    """POST /v1/member-codes: is this the member's code? `sealed`: the digits sealed to head office."""

    member_id: str
    sealed: str


@dataclass(frozen=True, slots=True)
class MemberCodeAnswer:
    """`seconds`: of `locked`, how long."""

    verdict: Verdict
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class AppCodeQuestion:
    """POST /v1/members/app-code, with a key of channel `member-app`: whose rotating code."""

    member_id: str


@dataclass(frozen=True, slots=True)
class AppCode:
    """`text`: what the app's QR code says, `TMM1.…`; good until `until_ms`."""

    text: str
    until_ms: int


def authorisation_id(what: str, series: str, request_id: str) -> str:
    """The allowance that a question is answered with."""
    return f"{_PREFIX}{what}/{series}/{request_id}"


def is_online(allowance_id: str) -> bool:
    """Whether it is an allowance for one account, asked for while a shopper waited."""
    return allowance_id.partition("/")[0] in KINDS
