"""An order by keys: what is suggested with the figures it stands on, quantities to change, F12 sends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pos_client.services.goods.goods_finder import FoundGoods
from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.ordering import at_cost
from pos_client.ui.goods.goods_mode import GoodsMode
from pos_client.ui.goods.sheet import Column, Fact, SheetRow, Tone
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.catalogue import Texts
from pos_client.ui.text.formats import age_words, format_quantity_text, format_time
from pos_core.quantity import PIECE_MILLI
from pos_core.stock.purchase import order_value
from pos_core.stock.replenishment import Suggestion, Supply

OLD_MS = 36 * 3_600_000
"""A forecast is made every night: an older one has missed a night."""


@dataclass(frozen=True, slots=True)
class ForecastAge:
    """When the forecast was worked out: `words` with the day, `short` how long ago."""

    words: str
    short: str
    tone: Tone


def forecast_age(bench: Bench, as_of_ms: int | None) -> ForecastAge:
    """`11-28 03:00 · 9 h ago`."""
    texts = bench.desk.texts
    if as_of_ms is None:
        none = texts.say("replenish.no_forecast")
        return ForecastAge(none, none, "danger")
    age_ms = max(0, bench.desk.now_ms() - as_of_ms)
    key, number = age_words(age_ms)
    zone = bench.desk.workstation.status.view().time_zone
    when = format_time(as_of_ms, zone, "MM-dd HH:mm")
    short = texts.say(key, count=number)
    return ForecastAge(f"{when} · {short}", short, "caution" if age_ms > OLD_MS else "")


def remarks_of(texts: Texts, made: Suggestion | None, milli: int) -> list[str]:
    """What is to be said of a line beside its figures."""
    if made is None:
        return [texts.say("replenish.no_figures")]
    supply = made.outlook.supply
    said = []
    if made.raised and milli == made.suggested_milli:
        said.append(texts.say(f"replenish.raised.{made.raised}"))
    if milli % max(1, supply.pack_milli):
        said.append(texts.say("replenish.not_packs", pack_milli=supply.pack_milli))
    if 0 < milli < supply.minimum_milli:
        said.append(texts.say("replenish.below_least", least_milli=supply.minimum_milli))
    if made.outlook.method in {"new", "none"}:
        said.append(texts.say(f"replenish.method.{made.outlook.method}"))
    return said


def why_rows(texts: Texts, name: str, made: Suggestion) -> tuple[PickRow, ...]:
    """How a suggestion came about, a figure a row."""
    outlook, position, supply = made.outlook, made.position, made.outlook.supply
    days = {"days": made.days, "lead": supply.lead_days, "review": supply.review_days}
    seen = {"seen": outlook.seen_days, "sold": outlook.sale_days, "out": outlook.out_days}

    below = ""
    if position.on_hand_milli < 0:
        below = texts.say("replenish.why.negative", on_hand_milli=position.on_hand_milli)

    def row(key: str, milli: int, detail: str = "") -> PickRow:
        return PickRow(texts.say(key), detail, format_quantity_text(milli))

    rows = [
        PickRow(
            name,
            texts.say(f"replenish.method.{outlook.method}") + " · " + texts.say("replenish.rests", **seen),
        ),
        row("replenish.why.forecast", made.forecast_milli, texts.say("replenish.why.days", **days)),
        row(
            "replenish.why.safety",
            outlook.safety_milli,
            texts.say("replenish.why.level", percent=f"{outlook.service_ppm / 10_000:g}"),
        ),
        row("replenish.why.reorder", made.reorder_milli, texts.say("replenish.why.below")),
        row("replenish.why.on_hand", -max(0, position.on_hand_milli), below),
        row("replenish.why.coming", -position.coming_milli),
        row("replenish.why.leaving", position.leaving_milli),
        row("replenish.why.needed", made.needed_milli),
        row(
            "replenish.why.suggested",
            made.suggested_milli,
            _packs(texts, supply),
        ),
    ]
    return tuple(rows)


def _packs(texts: Texts, supply: Supply) -> str:
    least = {"least_milli": supply.minimum_milli}
    said = [texts.say("replenish.why.least", **least)] if supply.minimum_milli else []
    if supply.pack_milli != PIECE_MILLI:
        said.insert(0, texts.say("replenish.why.packs", pack_milli=supply.pack_milli))
    return " · ".join(said)


class OrderMode(GoodsMode):
    """F4 says why; Esc keeps what somebody changed, and nothing else."""

    columns = (
        Column("count.line", 6),
        Column("stock.item", 25),
        Column("stock.on_hand", 8, right=True),
        Column("replenish.coming", 8, right=True),
        Column("replenish.forecast", 10, right=True),
        Column("replenish.safety", 8, right=True),
        Column("replenish.suggested", 9, right=True),
        Column("replenish.to_order", 11, right=True),
        Column("goods.remarks", 19),
    )

    def __init__(
        self, bench: Bench, working: GoodsList, as_of_ms: int | None, closed: Callable[[], None]
    ) -> None:
        """`closed` is called when the page is left, sent or not."""
        super().__init__(bench, working, "replenish.title", context="order", hint="replenish.order_hint")
        services = bench.desk.workstation
        self._ordering = services.ordering
        self._kind, self._source = working.kept.data["source_kind"], working.kept.data["source_id"]
        self._source_name = services.replenishing.source_name(self._kind, self._source)
        self._supplier = self._ordering.supplier(self._source) if self._kind == "supplier" else None
        self._made = services.replenishing.suggestions()
        self._age = forecast_age(bench, as_of_ms)
        self._closed = closed
        self._measure()
        self.changed.connect(self._measure)

    @property
    def title(self) -> str:
        return self.desk.texts.say(f"replenish.heading.{self._kind}", source=self._source_name)

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, value = self.desk.texts, self._value
        facts = [Fact(texts.say("stock.items"), str(len(self.working.filled)))]
        if self._kind == "supplier":
            least = 0 if self._supplier is None else self._supplier.minimum_minor or 0
            short = self._supplier is not None and self._supplier.too_small(value)
            words = texts.amount(value.known_minor)
            if value.unpriced:
                words = texts.say("replenish.and_unpriced", amount=words, count=value.unpriced)
            facts.append(Fact(texts.say("replenish.value"), words, "danger" if short else ""))
            facts.append(Fact(texts.say("replenish.minimum"), texts.amount(least) if least else "–", "soft"))
        facts.append(Fact(texts.say("goods.expected"), self._expected))
        facts.append(Fact(texts.say("replenish.forecast_of"), self._age.short, self._age.tone))
        return tuple(facts)

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("replenish.empty_order")

    def row(self, at: int) -> SheetRow:
        line, texts = self.working.line(at), self.desk.texts
        made = self._made.get(line["sku"])
        remarks = remarks_of(texts, made, line["milli"])
        figures = ("", "", "", "", "")
        if made is not None:
            position = made.position
            figures = (
                format_quantity_text(position.on_hand_milli),
                format_quantity_text(position.coming_milli - position.leaving_milli),
                texts.say("replenish.in_days", of_milli=made.forecast_milli, days=made.days),
                format_quantity_text(made.outlook.safety_milli),
                format_quantity_text(made.suggested_milli),
            )
        tone: Tone = "caution" if made is not None and line["milli"] != made.suggested_milli else ""
        ordered = f"{format_quantity_text(line['milli'])} {line['unit']}"
        words = (str(at + 1), line["name"], *figures, ordered, " · ".join(remarks))
        return SheetRow(words, "soft" if not line["milli"] else tone)

    def put(self, found: FoundGoods) -> int:
        self._edited()
        return super().put(found)

    def set_quantity(self, row: int, milli: int) -> None:
        self._edited()
        super().set_quantity(row, milli)

    def remove(self, row: int) -> None:
        self._edited()
        super().remove(row)

    def add_item(self, sku: str) -> None:
        """One more of an item. Raises UnknownCode."""
        self._put(self._finder.of_sku(sku))

    def act(self, action: str, text: str) -> bool:
        if action == "detail" and self.row_count:
            self._say_why()
            return True
        return super().act(action, text)

    def back(self, text: str) -> None:
        if text or self.working.kept.data.get("edited"):
            super().back(text)
        else:
            self.bench.stack.pop(self)
            self.working.kept.drop()
        if not text:
            self._closed()

    def finish(self) -> None:
        def said(order_id: str) -> None:
            key = "replenish.sent" if self._kind == "supplier" else "replenish.asked"
            self.desk.messages.show("good", key, order=order_id, source=self._source_name)
            self._closed()

        def attempt(*, below_minimum: bool) -> None:
            self.send(lambda: self._ordering.finish(self.working, below_minimum=below_minimum), said)

        supplier, value = self._supplier, self._value
        if supplier is None or not self.working.filled or not supplier.too_small(value):
            attempt(below_minimum=False)
            return
        facts: dict[str, object] = {
            "value_minor": value.known_minor,
            "minimum_minor": supplier.minimum_minor,
        }
        ask = AskMode(
            self.desk,
            self.bench.stack,
            "replenish.ask_below",
            lambda: attempt(below_minimum=True),
            facts=facts,
        )
        self.desk.beep()
        self.bench.stack.push(ask)

    def _measure(self) -> None:
        """Once a change, not once a painting."""
        lines = [(line["sku"], line["milli"]) for line in self.working.filled]
        self._value = order_value(at_cost(lines, self._made))
        skus = [sku for sku, _ in lines]
        self._expected = self._ordering.expected_day(skus, self._source, self._made)

    def _edited(self) -> None:
        if not self.working.kept.data.get("edited"):
            self.working.kept.change(edited=True)

    def _say_why(self) -> None:
        line = self.working.line(self.chosen)
        made, texts = self._made.get(line["sku"]), self.desk.texts
        if made is None:
            self.desk.messages.show("info", "replenish.no_figures")
            return
        look = EntryLook("replenish.why", "replenish.why.hint")

        def words() -> tuple[PickRow, ...]:
            return why_rows(texts, line["name"], made)

        self.bench.stack.push(PickMode(self.desk, self.bench.stack, look, words, lambda _: None))
