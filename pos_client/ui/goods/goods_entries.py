"""The stock menu: one line an entry, shown to the role that the chain's policy `stock` names for its act."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.ui.goods import count_forms, goods_forms
from pos_client.ui.goods.alerts_mode import alerts
from pos_client.ui.goods.below_zero_mode import below_zero
from pos_client.ui.goods.card_mode import find_card
from pos_client.ui.goods.label_mode import labels, price_check
from pos_client.ui.goods.replenish_mode import replenish
from pos_client.ui.goods.reservations_mode import reservations
from pos_client.ui.goods.review_mode import review
from pos_client.ui.goods.transfer_mode import transfers
from pos_client.ui.manager.entry import GROUPS, Entry
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.shell.bench import Bench


@dataclass(frozen=True)
class GoodsEntry(Entry):
    """`stock_act` is an act of the policy `stock`."""

    stock_act: str = "stock_card"


ENTRIES: tuple[GoodsEntry, ...] = (
    GoodsEntry("manager.group.stock", "stock.card", find_card),
    GoodsEntry("manager.group.stock", "stock.below_zero", below_zero),
    GoodsEntry("manager.group.stock", "alerts.title", alerts, stock_act="replenish"),
    GoodsEntry("manager.group.counting", "count.title", count_forms.count, stock_act="count"),
    GoodsEntry("manager.group.counting", "count.plan", count_forms.plan, stock_act="count"),
    GoodsEntry("manager.group.counting", "count.review", review, stock_act="count_approve"),
    GoodsEntry("manager.group.stock", "labels.title", labels, stock_act="labels"),
    GoodsEntry("manager.group.stock", "check.title", price_check, stock_act="price_check"),
    GoodsEntry("manager.group.moving", "replenish.title", replenish, stock_act="replenish"),
    GoodsEntry("manager.group.moving", "goods.receive", goods_forms.receive, stock_act="receive"),
    GoodsEntry("manager.group.moving", "goods.waste", goods_forms.waste, stock_act="waste"),
    GoodsEntry("manager.group.moving", "goods.own_use", goods_forms.own_use, stock_act="own_use"),
    GoodsEntry("manager.group.moving", "goods.correction", goods_forms.correction, stock_act="correction"),
    GoodsEntry("manager.group.moving", "goods.markdown", goods_forms.markdown, stock_act="markdown"),
    GoodsEntry("manager.group.moving", "reserve.title", reservations, stock_act="reservation_answer"),
    GoodsEntry("manager.group.moving", "transfer.title", transfers, stock_act="transfer_receive"),
)


def goods_menu(bench: Bench) -> None:
    """The menu's second page."""
    services = bench.desk.workstation
    operator, policy = services.session.operator, services.stock_room.policy
    role = operator.role if operator else ""
    shown = [entry for entry in ENTRIES if policy.may(role, entry.stock_act)]
    bench.stack.push(MenuMode(bench, tuple(sorted(shown, key=lambda entry: GROUPS.index(entry.group)))))
