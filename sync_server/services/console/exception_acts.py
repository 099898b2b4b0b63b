"""One ruling or one quarantined document opened, and what a person does about it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from pos_core.ids import uuid7
from pos_core.sync.rulings.ruling import Ruling
from sync_server.services.acts import Act
from sync_server.services.console.documents import Side, side, stores_in
from sync_server.services.console.opened_document import opened
from sync_server.services.coupons import CouponDesk
from sync_server.services.shared.links import MemberLinks, Verdict
from sync_server.services.shared.releasing import Releasing
from sync_server.store import coupon, exception_act, quarantine, ruling
from sync_server.store.engine import Store, Txn
from sync_server.store.exception_act import ActRow
from sync_server.store.quarantine import QuarantineRow
from sync_server.store.ruling import RulingRow

COUPON_RULE = "coupon_used_twice"
PHONE_RULE = "one_phone"
_VERDICTS: dict[str, Verdict] = {"merge": "confirmed", "split": "split"}


class NoSuchException(Refusal):
    """No ruling or quarantined document of this name, or none of this region."""

    code = "no_such_exception"


class ExceptionClosed(Refusal):
    """It was accepted, charged or superseded meanwhile."""

    code = "exception_closed"


class BadBearer(InvalidInput):
    """Nobody of this name can be charged: the chain, a store of it, or the ruling's own member."""

    code = "exception_bad_bearer"


class NoCouponToBlock(Refusal):
    """The ruling is not about a coupon that head office issued one by one, or it is void already."""

    code = "exception_no_coupon"


class NoMembersToJudge(Refusal):
    """The ruling is not about two members, or this was said of them already."""

    code = "exception_no_members"


@dataclass(frozen=True, slots=True)
class OneRuling:
    """A page's worth. `others`: every other ruling about the same key, superseded ones too.

    `members`: the two ids with one phone, the one who joined first before the other.
    """

    row: RulingRow
    made: Ruling
    stands: list[Side]
    against: list[Side]
    others: list[RulingRow]
    history: list[ActRow]
    is_open: bool
    coupon_id: str
    members: tuple[str, str] | None
    stores: list[str] = field(default_factory=list)


class ExceptionActs:
    """See the module. `region`: of a regional manager; None is the whole chain."""

    def __init__(
        self, store: Store, coupons: CouponDesk, releasing: Releasing, links: MemberLinks, clock: Clock
    ) -> None:
        self._store = store
        self._coupons = coupons
        self._links = links
        self._releasing = releasing
        self._clock = clock

    def ruling(self, ruling_id: str, region: str | None) -> OneRuling:
        """Both sides opened. Raises NoSuchException."""

        def read(txn: Txn) -> OneRuling:
            row, made, there = _found(txn, ruling_id, region)
            others = [each for each in ruling.about(txn, row.key) if each.ruling_id != ruling_id]
            return OneRuling(
                row,
                made,
                [side(txn, key, there) for key in made.stands],
                [side(txn, key, there) for key in made.against],
                [each for each in others if region is None or there & set(each.ruling.reaches)],
                exception_act.history(txn, ruling_id),
                _is_open(txn, row),
                _coupon_of(txn, made),
                _members_of(made),
                sorted(there),
            )

        return self._store.read(read)

    def accept(self, act: Act, ruling_id: str, region: str | None) -> None:
        """It stays as ruled. Raises NoSuchException, ExceptionClosed."""
        self._note(act, ruling_id, region, "accept", closing=True)

    def charge(self, act: Act, ruling_id: str, region: str | None, to: str) -> None:
        """Notes who bears it in the end; money moves by hand. Raises BadBearer and as `accept`."""

        def known(txn: Txn, made: Ruling, there: set[str]) -> None:
            kind, _, name = to.partition(":")
            if to not in ("chain", made.bearer) and not (kind == "store" and name in there):
                raise BadBearer("nobody of this name can be charged", field="to")

        self._note(act, ruling_id, region, "charge", to=to, closing=True, first=known)

    def contacted(self, act: Act, ruling_id: str, region: str | None) -> None:
        """Somebody spoke with the member. Raises NoSuchException."""
        self._note(act, ruling_id, region, "contacted")

    def block_coupon(self, act: Act, ruling_id: str, region: str | None) -> None:
        """The coupon is void from the next contact on. Raises NoSuchException, NoCouponToBlock."""

        def void(txn: Txn, made: Ruling, _: set[str]) -> None:
            coupon_id = _coupon_of(txn, made)
            if not coupon_id:
                raise NoCouponToBlock("no coupon to block")
            self._coupons.revoke_in(txn, act, [coupon_id])

        self._note(act, ruling_id, region, "block_coupon", first=void)

    def judge_members(self, act: Act, ruling_id: str, region: str | None, action: str) -> str:
        """`merge`: the two ids are one person, their points one sum; `split`: two people, for good.

        Returns the id of the ruling that stands about their phone number from now on. Raises
        NoSuchException, ExceptionClosed, NoMembersToJudge, NotTwoMembers.
        """
        key = ""

        def judged(txn: Txn, made: Ruling, _: set[str]) -> None:
            nonlocal key
            members, verdict = _members_of(made), _VERDICTS[action]
            if members is None or made.cause == f"one_phone_{verdict}":
                raise NoMembersToJudge("nothing to say of two members here")
            key = made.key
            self._links.say_in(txn, act, *members, verdict)

        self._note(act, ruling_id, region, action, closing=True, first=judged)
        standing = self._store.read(lambda txn: ruling.standing(txn, [key]))
        return next((row.ruling_id for row in standing if row.rule == PHONE_RULE), ruling_id)

    def kept(
        self, place: tuple[str, int, int, str], region: str | None
    ) -> tuple[QuarantineRow, list[tuple[str, str]]]:
        """A quarantined document with its lines. Raises NoSuchException."""

        def read(txn: Txn) -> QuarantineRow:
            return _kept(txn, place, region)

        row = self._store.read(read)
        return row, opened(row.data)

    def try_again(self, act: Act, place: tuple[str, int, int, str], region: str | None) -> bool:
        """Applies it now if this version can; else it stays. Raises NoSuchException, ExceptionClosed."""

        def write(txn: Txn) -> bool:
            row = _kept(txn, place, region)
            if row.resolved_at_ms is not None or row.in_chain != 1:
                raise ExceptionClosed("nothing to try again")
            applied = self._releasing.try_one(txn, act, row)
            subject = f"{row.workstation_id}/{row.incarnation}/{row.number}"
            act.note(txn, self._clock.now_ms(), "quarantine_tried", subject, applied=applied)
            return applied

        return self._store.write(write)

    def _note(
        self,
        act: Act,
        ruling_id: str,
        region: str | None,
        action: str,
        *,
        to: str = "",
        closing: bool = False,
        first: Callable[[Txn, Ruling, set[str]], None] | None = None,
    ) -> None:
        def write(txn: Txn) -> None:
            row, made, there = _found(txn, ruling_id, region)
            if closing and not _is_open(txn, row):
                raise ExceptionClosed("closed already")
            if first is not None:
                first(txn, made, there)
            now_ms = self._clock.now_ms()
            act_id = uuid7(now_ms, secrets.token_bytes(10))
            exception_act.add(txn, ActRow(act_id, ruling_id, action, to, act.why, act.actor, now_ms))
            facts = {"to": to} if to else {}
            act.note(txn, now_ms, f"exception_{action}", ruling_id, **facts)

        self._store.write(write)


def _found(txn: Txn, ruling_id: str, region: str | None) -> tuple[RulingRow, Ruling, set[str]]:
    row, there = ruling.find(txn, ruling_id), stores_in(txn, region)
    if row is None or (region is not None and not there & set(row.ruling.reaches)):
        raise NoSuchException("no such ruling")
    return row, row.ruling, there


def _kept(txn: Txn, place: tuple[str, int, int, str], region: str | None) -> QuarantineRow:
    row = quarantine.find(txn, *place)
    if row is None or (region is not None and row.store_id not in stores_in(txn, region)):
        raise NoSuchException("no such document")
    return row


def _is_open(txn: Txn, row: RulingRow) -> bool:
    return row.superseded_by is None and not exception_act.closed(txn, [row.ruling_id])


def _coupon_of(txn: Txn, made: Ruling) -> str:
    """The coupon that may be blocked; "" where there is none, or it is void."""
    if made.rule != COUPON_RULE or "/code:" not in made.key:
        return ""
    coupon_id = made.key.split("/code:", 1)[1]
    found = coupon.get_many(txn, [coupon_id]).get(coupon_id)
    return coupon_id if found is not None and found.state != "void" else ""


def _members_of(made: Ruling) -> tuple[str, str] | None:
    if made.rule != PHONE_RULE:
        return None
    said = dict(made.detail)
    return str(said["survivor"]), str(said["alias"])
