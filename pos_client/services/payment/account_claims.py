"""What a sale takes from a member's account, looked at again when it is paid.

Points, wallet coupons and stored value were let go when they were claimed. Head office may freeze the account
while the basket lies in front of the cashier: a workstation that has heard of it takes nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_client.replica import gift_cards
from pos_client.replica.member_details import is_frozen
from pos_client.services.counter import Counter
from pos_client.services.refusals.accounts import GiftCardBlocked
from pos_client.services.refusals.payment import ClaimsFrozen
from pos_core.customer.gift_card import BLOCKED, is_card_account
from pos_core.customer.stored_value import member_of
from pos_core.sale.basket import Basket
from pos_core.sale.tender import Tendered


def require_still_let_go(counter: Counter, basket: Basket, tendered: Sequence[Tendered] = ()) -> None:
    """Raises ClaimsFrozen where an account that this sale spends of was frozen since, GiftCardBlocked where

    a card that it spends or loads was blocked. A shared or bearer coupon is nobody's account: it stays good.
    """
    accounts = [each.reference for each in tendered if each.type.tender_kind == "stored_value"]
    accounts += [line.account_id for line in basket.lines]
    cards = {each for each in accounts if each is not None and is_card_account(each)}
    for card in counter.replica.read(lambda c: [gift_cards.of_account(c, each) for each in cards]):
        if card is not None and card.status == BLOCKED:
            raise GiftCardBlocked("head office blocked the card meanwhile", last_four=card.last_four)
    members = {claim.member_id for claim in basket.coupons if not claim.shared}
    members |= {member_of(each) for each in accounts if each is not None}
    if basket.points:
        members.add(basket.member_id)
    spent = sorted(each for each in members if each is not None)
    if spent and any(counter.replica.read(lambda c: [is_frozen(c, each) for each in spent])):
        raise ClaimsFrozen("head office froze the account after this was claimed")
