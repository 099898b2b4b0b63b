"""What forms of several pages ask for alike."""

from __future__ import annotations

from sync_server.console.ask import Ask, BadForm
from sync_server.services.console.periods import Period, period
from sync_server.services.importing.cells import instant_cell
from sync_server.services.importing.problems import CellError


def moment(ask: Ask, name: str) -> int | None:
    """A time in the chain's zone; None when left empty. Raises BadForm."""
    text = ask.text(name, "").strip().replace("T", " ")
    try:
        return instant_cell(text, ask.words.facts.zone.key) if text else None
    except CellError:
        raise BadForm("not a time", field=name) from None


def seen_ms(ask: Ask) -> int | None:
    """When what the page showed was changed last, as its form says. Raises BadForm."""
    return ask.number("seen", low=0, high=10**15) if "seen" in ask.form else None


def words_of(ask: Ask, name: str) -> list[str]:
    """Ids with spaces or commas between them, each once, in the order typed."""
    text = ask.text(name, "")
    for sign in ",，;；、":
        text = text.replace(sign, " ")
    return list(dict.fromkeys(text.split()))


def period_of(ask: Ask, *, days: int = 30) -> Period:
    """The days `from` and `to` of the address; none: the last `days` up to today. Raises BadPeriod."""
    return period(
        ask.query.get("from", ""),
        ask.query.get("to", ""),
        zone=ask.words.facts.zone,
        now_ms=ask.desk.clock.now_ms(),
        days=days,
    )
