"""A basket as the pricing engine's question: lines with what rules may ask about their items."""

from __future__ import annotations

from pos_client.replica.replica import Replica
from pos_client.services.chain_rules import Rules
from pos_core.catalog.item import Item
from pos_core.pricing.basket import PricingInput, PricingLine, PricingMember
from pos_core.sale.basket import Basket
from pos_core.sale.line_item import LineItem

CHANNEL = "pos"
TREE_DEPTH_MAX = 32


class QuestionMaker:
    """Looks items and departments up once per state of the replica."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._generation = -1
        self._items: dict[str, Item | None] = {}
        self._paths: dict[str, tuple[str, ...]] = {}

    def question(self, basket: Basket, rules: Rules) -> PricingInput:
        """The whole question, as it is stored with the sale. `basket` has begun."""
        assert basket.instant_ms is not None
        if self._generation != self._replica.generation:
            self._generation = self._replica.generation
            self._items.clear()
            self._paths.clear()
        return PricingInput(
            channel=CHANNEL,
            store=rules.store.store_id,
            store_groups=tuple(rules.store.store_groups),
            exponent=basket.exponent,
            instant_ms=basket.instant_ms,
            utc_offset_minutes=rules.utc_offset_minutes(basket.instant_ms),
            lines=tuple(self._line(line) for line in basket.lines),
            member=self._member(basket.member_id),
        )

    def _line(self, line: LineItem) -> PricingLine:
        item = self._item(line.sku)
        return PricingLine(
            line_id=str(line.line_no),
            sku=line.sku,
            brand=item.brand or None if item else None,
            departments=self._path(line.department_code),
            tags=tuple(item.tags) if item else (),
            list_price_minor=line.unit_price_minor,
            quantity_milli=line.quantity_milli,
            weighed=line.weighed,
            line_amount_minor=line.fixed_minor if line.weighed else None,
            floor_minor=min(item.floor_minor or 0, line.unit_price_minor) if item else 0,
        )

    def _item(self, sku: str) -> Item | None:
        if sku not in self._items:
            self._items[sku] = self._replica.item_by_sku(sku)
        return self._items[sku]

    def _path(self, code: str | None) -> tuple[str, ...]:
        """From the root down to the department itself."""
        if code is None:
            return ()
        if code not in self._paths:
            path = [code]
            department = self._replica.department(code)
            while department is not None and department.parent_code and len(path) < TREE_DEPTH_MAX:
                path.append(department.parent_code)
                department = self._replica.department(department.parent_code)
            self._paths[code] = tuple(reversed(path))
        return self._paths[code]

    def _member(self, member_id: str | None) -> PricingMember | None:
        if member_id is None:
            return None
        member = self._replica.member(member_id)
        if member is None:  # joined here a moment ago: a member of the first tier, without points
            return PricingMember(new=True)
        return PricingMember(
            tier=member.tier or None,
            birthday_month=member.birthday_month,
            points_balance=max(member.points_balance, 0),
        )
