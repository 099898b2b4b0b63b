"""How a field of the form is written in a promotion's JSON, both ways. Text in, text out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sync_server.services.importing.cells import amount_cell, integer_cell
from sync_server.services.importing.problems import CellError

PERCENT = 10_000
"""Parts per million in one percent."""
_TOKEN = re.compile(r'(?:[^\s;；,，、|"“”]|"[^"]*"|“[^”]*”)+')
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”')
_QUOTES = re.compile(r'["“”]')
_SEPARATES = re.compile(r'[\s;；,，、|"“”]')
_LISTS = {"skus": "", "brands": "brand:", "departments": "dept:", "tags": "tag:"}
_WORDS = {"品牌": "brand", "部门": "dept", "标签": "tag", "編碼": "sku", "编码": "sku"}
_LIST_OF = {"brand": "brands", "dept": "departments", "tag": "tags", "sku": "skus"}
_COLON = re.compile("[:：]")
_UNITS = re.compile(r"(\d{1,6})\s*(?:件|pcs|x|×)\s*(.*)", re.IGNORECASE)


class NotReadable(Exception):
    """The text is no such value; `code` names a sentence `field.<code>`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotShowable(Exception):
    """The JSON says more than the field can show: the promotion is edited as JSON."""


@dataclass(frozen=True, slots=True)
class Codec:
    """`read` takes text that is not empty, `show` a value that is there; both the exponent."""

    read: Callable[[str, int], Any]
    show: Callable[[Any, int], str]


def _integer(text: str, _: int) -> int:
    try:
        return integer_cell(text)
    except CellError:
        raise NotReadable("not_whole") from None


def _money(text: str, exponent: int) -> int:
    try:
        return amount_cell(text, exponent)
    except CellError:
        raise NotReadable("not_money") from None


def show_money(value: int, exponent: int) -> str:
    """`12.50`; whole amounts without decimals."""
    whole, rest = divmod(value, 10**exponent)
    return f"{whole}.{rest:0{exponent}d}" if rest else str(whole)


def _percent(text: str, _: int) -> int:
    try:
        return amount_cell(text.rstrip("%％ "), 4)
    except CellError:
        raise NotReadable("not_percent") from None


def _times(text: str, _: int) -> int:
    try:
        return amount_cell(text, 6)
    except CellError:
        raise NotReadable("not_whole") from None


def _decimals(value: int, places: int) -> str:
    return (
        show_money(value, places).rstrip("0").rstrip(".") if value % 10**places else str(value // 10**places)
    )


def codes_of(text: str) -> list[str]:
    """`a; b、c "d e"` → texts without doubles, in their order; quoted, a name may hold spaces."""
    if _QUOTES.search(_TOKEN.sub("", text)):
        raise NotReadable("open_quote")
    return list(dict.fromkeys(filter(None, (_QUOTED.sub(r"\1\2", part) for part in _TOKEN.findall(text)))))


def quoted(name: str) -> str:
    """As `codes_of` reads it: in quotes where there is a separator in it. Raises NotShowable."""
    if not _SEPARATES.search(name):
        return name
    if "\n" not in name and '"' not in name:
        return f'"{name}"'
    if "\n" not in name and "”" not in name:
        return f"“{name}”"
    raise NotShowable


def _goods(text: str, _: int) -> list[dict[str, list[str]]]:
    """A clause a line: SKUs by themselves, `brand:`, `dept:` and `tag:` before the others."""
    return [_clause(line) for line in text.splitlines() if line.strip()]


def _clause(line: str) -> dict[str, list[str]]:
    clause: dict[str, list[str]] = {}
    for token in codes_of(line):
        word, colon, name = _COLON.sub(":", token, count=1).partition(":")
        kind = _LIST_OF.get(_WORDS.get(word, word).lower()) if colon else "skus"
        if kind is None or not (name if colon else word):
            raise NotReadable("not_goods")
        names = clause.setdefault(kind, [])
        if (name if colon else word) not in names:
            names.append(name if colon else word)
    return clause


def _show_goods(value: Any, _: int) -> str:
    return "\n".join(_show_clause(clause) for clause in value)


def _show_clause(clause: dict[str, list[str]]) -> str:
    return " ".join(
        quoted(f"{prefix or ('sku:' if _COLON.search(name) else '')}{name}")
        for kind, prefix in _LISTS.items()
        for name in clause.get(kind, ())
    )


def _slots(text: str, exponent: int) -> list[dict[str, Any]]:
    """A place a line: `2件 dept:D1`; without a number one unit."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _UNITS.fullmatch(line.strip())
        units, rest = (int(match[1]), match[2]) if match else (1, line)
        clauses = _goods(rest, exponent)
        found.append({"select": {"any_of": clauses} if clauses else {}, "units": units})
    return found


def _show_slots(value: Any, exponent: int) -> str:
    return "\n".join(_show_slot(slot, exponent) for slot in value)


def _show_slot(slot: dict[str, Any], exponent: int) -> str:
    select = {name: each for name, each in slot["select"].items() if each not in ([], "include")}
    if not select.keys() <= {"any_of"} or len(select.get("any_of", [])) > 1:
        raise NotShowable
    units = slot.get("units", 1)
    goods = _show_goods(select.get("any_of", []), exponent)
    return f"{units} × {goods}".rstrip()


def _slot(text: str, exponent: int) -> dict[str, Any]:
    found = _slots(text, exponent)
    if len(found) != 1:
        raise NotReadable("one_line")
    return found[0]


def ladder(value: Codec) -> Codec:
    """Steps, one a line: threshold, then what it gives; `3件 20` counts units."""

    def read(text: str, exponent: int) -> list[dict[str, int]]:
        return [_step(line, value, exponent) for line in text.splitlines() if line.strip()]

    def show(steps: Any, exponent: int) -> str:
        lines = []
        for step in steps:
            units = step.get("min_units")
            at = f"{units}件" if units else show_money(step.get("min_amount_minor", 0), exponent)
            lines.append(f"{at} {value.show(step['value'], exponent)}")
        return "\n".join(lines)

    return Codec(read, show)


def _step(line: str, value: Codec, exponent: int) -> dict[str, int]:
    match = _UNITS.fullmatch(line.strip())
    if match:
        return {"min_units": int(match[1]), "value": value.read(match[2].strip() or "-", exponent)}
    parts = line.split()
    if len(parts) != 2:
        raise NotReadable("not_steps")
    return {"min_amount_minor": _money(parts[0], exponent), "value": value.read(parts[1], exponent)}


def _second(edge: str) -> Codec:
    """A minute of the form as the second of the JSON: the first of it, or the last."""

    def read(text: str, _: int) -> str:
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text):
            return text + edge
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text):
            return text
        raise NotReadable("not_a_time")

    return Codec(read, lambda value, _: str(value).removesuffix(edge))


def _day_second(edge: str) -> Codec:
    def read(text: str, _: int) -> str:
        if not re.fullmatch(r"\d\d:\d\d(:\d\d)?", text):
            raise NotReadable("not_a_time")
        return text if len(text) == 8 else text + edge

    return Codec(read, lambda value, _: str(value).removesuffix(edge))


def _numbers(text: str, exponent: int) -> list[int]:
    return [_integer(part, exponent) for part in codes_of(text)]


def _show_names(value: Any, _: int) -> str:
    return " ".join(quoted(name) for name in value)


TEXT = Codec(lambda text, _: text, lambda value, _: str(value))
INTEGER = Codec(_integer, lambda value, _: str(value))
MONEY = Codec(_money, show_money)
RATE = Codec(_percent, lambda value, _: _decimals(value, 4))
TIMES = Codec(_times, lambda value, _: _decimals(value, 6))
CODES = Codec(lambda text, _: codes_of(text), _show_names)
NUMBERS = Codec(_numbers, lambda value, _: " ".join(str(each) for each in value))
GOODS = Codec(_goods, _show_goods)
SLOTS = Codec(_slots, _show_slots)
SLOT = Codec(_slot, _show_slot)
STARTS = _second(":00")
ENDS = _second(":59")
DAY_STARTS = _day_second(":00")
DAY_ENDS = _day_second(":59")
TICK = Codec(lambda text, _: True, lambda value, _: "1" if value else "")
EVERYTHING = Codec(
    lambda text, _: {}, lambda value, _: "" if value.get("any_of") or value.get("exclude") else "1"
)
"""A selection without clauses: all goods."""
NO_TICK = Codec(lambda text, _: False, lambda value, _: "" if value else "1")
