"""What belongs to members and cards: profiles, codes, points, coupons, stored value."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from pos_client.replica.coupons import signing_keys
from pos_client.replica.member_details import member_detail
from pos_client.replica.replica import Replica
from pos_client.services.accounts.allowances import Allowances
from pos_client.services.accounts.authorising import Authorising
from pos_client.services.accounts.coupons import Coupons
from pos_client.services.accounts.gift_card_book import GiftCardBook
from pos_client.services.accounts.gift_cards import GiftCards
from pos_client.services.accounts.points import Points
from pos_client.services.accounts.stored_value import StoredValue
from pos_client.services.assembly.desk import Desk
from pos_client.services.assembly.parts import Parts
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.members.member_codes import MemberCodes
from pos_client.services.members.members import Members
from pos_client.services.returns.return_writer import ReturnWriter


@dataclass(frozen=True)
class AccountServices:
    """Services about members and what they hold."""

    members: Members
    allowances: Allowances
    codes: MemberCodes
    authorising: Authorising
    points: Points
    coupons: Coupons
    purses: StoredValue
    gift_cards: GiftCards


def accounts_of(parts: Parts, desk: Desk, ring_up: RingUp, writer: ReturnWriter) -> AccountServices:
    """The services about members over `parts`; receipts know the member from here on."""
    counter, keeper, approvals = desk.counter, desk.keeper, desk.approvals
    members = Members(
        counter,
        keeper,
        index_key=parts.blind_index_key,
        sealing_public_key=parts.sealing_public_key,
        ask=parts.sync.look_up_member,
        approvals=approvals,
    )
    desk.maker.member_of = members.known
    allowances = Allowances(
        counter.allowance_book,
        counter.replica,
        peers=parts.peers,
        is_offline=lambda: counter.is_offline(),  # noqa: PLW0108 - asked anew each time: it is replaced
    )
    codes = _codes(parts, desk)
    authorising = Authorising(counter, keeper, parts.sync.ask_authorisation)
    purses = StoredValue(
        counter,
        ring_up,
        approvals,
        codes,
        writer=writer,
        allowances=allowances,
        cards=GiftCardBook(counter, parts.blind_index_key),
        authorising=authorising,
    )
    return AccountServices(
        members=members,
        allowances=allowances,
        codes=codes,
        authorising=authorising,
        points=Points(counter, keeper, approvals, codes, allowances, authorising=authorising),
        coupons=Coupons(
            counter,
            keeper,
            index_key=parts.blind_index_key,
            authorising=authorising,
            peers=parts.peers,
        ),
        purses=purses,
        gift_cards=GiftCards(
            counter,
            ring_up,
            purses,
            sealing_public_key=parts.sealing_public_key,
            ask=parts.sync.look_up_member,
        ),
    )


def _codes(parts: Parts, desk: Desk) -> MemberCodes:
    return MemberCodes(
        desk.counter,
        pepper=parts.pin_pepper,
        verifier_of=lambda member_id: _verifier(parts.replica, member_id),
        key_of=lambda key_id: _coupon_key(parts.replica, key_id),
        approvals=desk.approvals,
        ask=parts.sync.ask_member_code,
        sealing_public_key=parts.sealing_public_key,
        elsewhere=lambda member_id: _tries(parts.replica, member_id),
    )


def _verifier(replica: Replica, member_id: str) -> str | None:
    found = replica.read(lambda c: member_detail(c, member_id))
    return None if found is None else found.code_verifier


def _tries(replica: Replica, member_id: str) -> tuple[int, int]:
    found = replica.read(lambda c: member_detail(c, member_id))
    return (0, 0) if found is None else (found.code_failures, found.code_locked_until_ms)


def _coupon_key(replica: Replica, key_id: str) -> bytes | None:
    text = replica.read(signing_keys).get(key_id)
    return None if text is None else base64.b64decode(text)
