"""A ruling of head office that concerns this store: what it is about, whose documents, and who bears what."""

from __future__ import annotations

from pos_client.services.day.to_do import RulingCard
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.catalogue import Texts
from pos_client.ui.text.formats import format_time
from pos_core.errors import TidemarkError

_SHOWN = 5
"""Documents of one side; further ones are head office's to look at."""


def ruling_rows(texts: Texts, card: RulingCard, here: str, zone: str) -> tuple[PickRow, ...]:
    """A line each; `here` is this store."""
    made = texts.say("ruling.made", time=format_time(card.made_at_ms, zone, "MM-dd HH:mm"))
    rows = [
        PickRow(texts.say_or(f"ruling.{card.rule}", "todo.ruling"), made),
        PickRow(texts.say_or(f"cause.{card.cause}", "todo.ruled")),
        *(PickRow(texts.say("ruling.stands"), amount=each) for each in card.stands[:_SHOWN]),
        *(PickRow(texts.say("ruling.against"), amount=each) for each in card.against[:_SHOWN]),
    ]
    whose = card.bearer if card.bearer == "chain" else "store" if card.bearer == here else "other"
    if card.cost_minor:
        bears = texts.say(f"ruling.bears.{whose}", store=card.bearer)
        rows.append(PickRow(texts.say("ruling.cost"), bears, texts.amount(card.cost_minor)))
    if card.points:
        rows.append(PickRow(texts.say("ruling.points"), amount=str(card.points)))
    return (*rows, PickRow(texts.say("ruling.done")))


def show_ruling(bench: Bench, ruling_id: str) -> None:
    """One that was superseded meanwhile is said to be gone."""
    desk = bench.desk
    try:
        card = desk.workstation.to_do.ruling(ruling_id)
    except TidemarkError as error:
        desk.refuse(error)
        return
    if card is None:
        desk.messages.show("info", "ruling.gone")
        return
    found, view = card, desk.workstation.status.view()
    look = EntryLook("ruling.title", "ruling.hint")

    def words() -> tuple[PickRow, ...]:
        return ruling_rows(desk.texts, found, view.store_id, view.time_zone)

    bench.stack.push(PickMode(desk, bench.stack, look, words, lambda _: None))
