"""What runs out, runs low or lies too long, by keys; and the places around that can help with an item."""

from __future__ import annotations

from pos_client.services.goods.nearby_stock import NearbyPlace, NearbyView
from pos_client.ui.goods.card_mode import CardMode
from pos_client.ui.goods.order_mode import forecast_age
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow, Tone
from pos_client.ui.sale.ask_for_goods import ask_place
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_distance, format_quantity_text, format_time
from pos_core.errors import TidemarkError
from pos_core.stock.replenishment import Alert

_TONES: dict[Alert, Tone] = {"out": "danger", "low": "caution", "over": "", "still": "soft"}


class AlertsMode(SheetMode):
    """Enter names who can help with what runs out, and shows the card of what lies too long."""

    columns = (
        Column("stock.item", 34),
        Column("stock.sku", 14),
        Column("alerts.what", 14),
        Column("stock.on_hand", 9, right=True),
        Column("replenish.coming", 9, right=True),
        Column("alerts.days_left", 10, right=True),
        Column("alerts.excess", 11, right=True),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("alerts.title", "alerts.hint"))
        self._alerts = bench.desk.workstation.replenishing.alerts()
        self._as_of_ms = bench.desk.workstation.replenishing.as_of_ms()

    @property
    def title(self) -> str:
        return self.desk.texts.say("alerts.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, found = self.desk.texts, [each.alert for each in self._alerts]
        age = forecast_age(self.bench, self._as_of_ms)
        counts = [
            Fact(texts.say(f"alerts.{alert}"), str(found.count(alert)), tone if alert in found else "soft")
            for alert, tone in _TONES.items()
        ]
        return (*counts, Fact(texts.say("replenish.forecast_of"), age.short, age.tone))

    @property
    def row_count(self) -> int:
        return len(self._alerts)

    @property
    def empty_words(self) -> str:
        key = "alerts.none" if self._as_of_ms is not None else "replenish.no_forecast"
        return self.desk.texts.say(key)

    def row(self, at: int) -> SheetRow:
        alert, texts = self._alerts[at], self.desk.texts
        item = self.desk.workstation.stock_room.item(alert.sku)
        days = texts.say("alerts.a_year") if alert.days_left is None else str(alert.days_left)
        excess = format_quantity_text(alert.excess_milli) if alert.excess_milli else ""
        return SheetRow(
            (
                item.name,
                alert.sku,
                texts.say(f"alerts.{alert.alert}"),
                f"{format_quantity_text(alert.position.on_hand_milli)} {item.unit}",
                format_quantity_text(alert.position.coming_milli),
                days,
                excess,
            ),
            _TONES[alert.alert],
        )

    def opened(self, row: int) -> None:
        alert = self._alerts[row]
        try:
            if alert.alert in {"out", "low"}:
                show_helpers(self.bench, alert.sku)
            else:
                self.bench.stack.push(CardMode(self.bench, alert.sku))
        except TidemarkError as error:
            self.desk.refuse(error)


class HelpersMode(SheetMode):
    """The nearest first; exact as soon as head office answers. Enter asks a place for the item."""

    columns = (
        Column("helpers.place", 38),
        Column("helpers.distance", 16, right=True),
        Column("helpers.spare", 16, right=True),
        Column("helpers.cost", 16, right=True),
        Column("helpers.as_of", 18, right=True),
    )

    def __init__(self, bench: Bench, sku: str) -> None:
        """Raises NotSignedOn, UnknownCode."""
        super().__init__(bench, EntryLook("helpers.title", "helpers.hint"))
        self._item = bench.desk.workstation.stock_room.item(sku)
        self._helpers = bench.desk.workstation.replenishing.helpers(sku)
        self._answered = False
        self._zone = bench.desk.workstation.status.view().time_zone

    def told(self, view: NearbyView) -> None:
        """What head office says now; the chosen place stays chosen."""
        known = self._helpers[self.chosen].store_id if self._helpers else None
        self._answered = view.answered
        self._helpers = self.desk.workstation.replenishing.helpers_of(view)
        places = [each.store_id for each in self._helpers]
        self.chosen = places.index(known) if known in places else 0
        self.changed.emit()

    @property
    def title(self) -> str:
        return self.desk.texts.say("helpers.heading", name=self._item.name)

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, near_m = self.desk.texts, self.desk.workstation.replenishing.policy.near_m
        return (
            Fact(texts.say("helpers.places"), str(len(self._helpers))),
            Fact(texts.say("helpers.within"), format_distance(near_m), "soft"),
        )

    @property
    def row_count(self) -> int:
        return len(self._helpers)

    @property
    def empty_words(self) -> str:
        """Nobody has any, or nobody has told of the places around."""
        places = self.desk.workstation.nearby_stock.known(self._item.sku).places
        told = self._answered or not places or any(each.step is not None for each in places)
        return self.desk.texts.say("helpers.none" if told else "helpers.unknown")

    def row(self, at: int) -> SheetRow:
        helper, texts = self._helpers[at], self.desk.texts
        amount = f"{format_quantity_text(helper.spare_milli)} {self._item.unit}"
        distance = "–" if helper.distance_m is None else format_distance(helper.distance_m)
        age = texts.say("stock.not_known")
        if helper.as_of_ms is not None:
            when = format_time(helper.as_of_ms, self._zone, "MM-dd HH:mm")
            age = texts.say("stock.as_of", time=when)
        return SheetRow(
            (
                helper.name,
                distance,
                amount if helper.is_exact else texts.say("helpers.at_least", amount=amount),
                "–" if helper.cost_minor is None else texts.amount(helper.cost_minor),
                age,
            )
        )

    def opened(self, row: int) -> None:
        helper = self._helpers[row]
        place = NearbyPlace(
            helper.store_id, helper.name, helper.distance_m, None, None, helper.as_of_ms, is_live=False
        )
        ask_place(self.desk, self.bench.stack, self._item, place)


def show_helpers(bench: Bench, sku: str) -> None:
    """What is known at once, head office's answer when it comes. Raises NotSignedOn, UnknownCode."""
    mode = HelpersMode(bench, sku)
    asked = bench.desk.workstation.nearby_stock.now(sku)
    bench.stack.push(mode)
    bench.desk.futures.watch(asked, mode.told, bench.desk.refuse)


def alerts(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = AlertsMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
