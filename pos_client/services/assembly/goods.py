"""What moves, counts, orders and labels goods, and the manager's day."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.services.assembly.desk import Desk
from pos_client.services.assembly.parts import Parts
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.day.day_end import DayEnd
from pos_client.services.day.day_view import Days
from pos_client.services.day.to_do import Places, ToDo
from pos_client.services.goods.goods_work import GoodsWork
from pos_client.services.goods.nearby_stock import NearbyStock
from pos_client.services.goods.ordering import Ordering
from pos_client.services.goods.replenishing import Replenishing
from pos_client.services.goods.shelf_labels import ShelfLabels
from pos_client.services.goods.stock_cards import StockCards
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.transfer_work import TransferWork
from pos_client.services.goods.transferring import Transferring
from pos_client.services.reservations.redeeming import Redeeming
from pos_client.services.reservations.reserving import Reserving
from pos_client.services.stocktaking.stocktaking import Stocktaking


@dataclass(frozen=True)
class GoodsServices:
    """Services about goods, and the day that is made of them."""

    room: StockRoom
    cards: StockCards
    nearby: NearbyStock
    transferring: Transferring
    transfer_work: TransferWork
    reserving: Reserving
    redeeming: Redeeming
    replenishing: Replenishing
    ordering: Ordering
    stocktaking: Stocktaking
    work: GoodsWork
    shelf_labels: ShelfLabels
    days: Days
    day_end: DayEnd
    to_do: ToDo


def goods_of(parts: Parts, desk: Desk, ring_up: RingUp) -> GoodsServices:
    """The services about goods over `parts`."""
    counter, printing, devices = desk.counter, desk.printing, desk.devices
    room = StockRoom(counter)
    transferring, nearby = Transferring(counter, room), NearbyStock(counter, parts.sync.ask_stock)
    reserving = Reserving(counter, room, printing)
    replenishing = Replenishing(counter, room, transferring, nearby, reserving.held_here)
    ordering = Ordering(counter, room, transferring, replenishing, printing)
    days = Days(counter, replenishing.alerts, parts.peers)
    stocktaking = Stocktaking(counter, room, desk.approvals, parts.peers)
    shelf_labels = ShelfLabels(counter, room, printing, devices.print_labels)
    places = Places(transferring, stocktaking, shelf_labels, devices, reserving, ordering, replenishing)
    return GoodsServices(
        room=room,
        cards=StockCards(counter, room, parts.sync.ask_movements),
        nearby=nearby,
        transferring=transferring,
        transfer_work=TransferWork(counter, room, transferring, printing),
        reserving=reserving,
        redeeming=Redeeming(counter, ring_up, reserving),
        replenishing=replenishing,
        ordering=ordering,
        stocktaking=stocktaking,
        work=GoodsWork(counter, room, printing, devices.print_labels),
        shelf_labels=shelf_labels,
        days=days,
        day_end=DayEnd(counter, days, printing),
        to_do=ToDo(counter, days, places),
    )
