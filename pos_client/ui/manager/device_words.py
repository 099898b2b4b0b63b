"""Lines of configuration in words, the ones that a machine offers, and the questions that make up a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtGui import QGuiApplication

from pos_client.ui.shell.form_mode import Field
from pos_client.ui.text.catalogue import Texts

OTHER = ""
"""The answer of a line that is typed."""
_PLACES = frozenset({"serial", "network", "file", "tcp"})
_OPTIONS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "printer": (("paper", "devices.paper", ("80", "58")), ("mode", "devices.font", ("text", "raster"))),
    "label": (("speaks", "devices.speaks", ("tspl", "escpos")),),
}
"""Kind → (option of the line, its question, its values: the first is the default)."""
_PREFIX = {"paper": "paper", "mode": "font", "speaks": "speaks"}


def in_words(texts: Texts, line: str) -> str:
    """What a shop person reads instead of `serial:COM3@9600,paper=58`."""
    head, *options = line.split(",")
    kind, _, where = head.partition(":")
    if kind in _PLACES:
        words = texts.say(f"device_line.{kind}", where=where)
    elif kind == "window":
        words = texts.say("device_line.window", number=int(where or "1") + 1)
    elif kind == "printer" and where == "5":
        words = texts.say("device_line.printer_5")
    else:
        words = texts.say(f"device_line.{kind}")
        words += f" {where}" if kind == "simulator" and where else ""
    return " · ".join([words, *(_option(texts, option) for option in options)])


def _option(texts: Texts, option: str) -> str:
    name, _, value = option.partition("=")
    return texts.say(f"devices.{_PREFIX[name]}_{value}") if name in _PREFIX else option


def offered(kind: str, found: Sequence[str], now: str) -> list[str]:
    """Lines to choose from: the one in use first, so that Enter alone changes nothing."""
    screens = [f"window:{place}" for place in range(1, len(QGuiApplication.screens()))]
    lines = ["none", *(screens or ["window"])] if kind == "display" else list(found)
    base = now.partition(",")[0]
    return [base, *(line for line in lines if line != base)]


def fields_of(texts: Texts, kind: str, lines: Sequence[str], now: str) -> tuple[Field, ...]:
    """Which device, or what is typed; of printers the paper and the signs too."""
    base, *options = now.split(",")
    chosen = dict(option.split("=", 1) for option in options if "=" in option)
    words = {line: in_words(texts, line) for line in lines}
    words[base] = texts.say("device_line.now", words=words[base])
    asked = [
        Field(
            "line", "devices.line", "choice", choices=(*words.items(), (OTHER, texts.say("devices.typed")))
        ),
        Field("typed", "devices.typed", "text", optional=True, when=lambda said: said.get("line") == OTHER),
    ]
    for option, question, values in _OPTIONS.get(kind, ()):
        in_use = chosen.get(option, values[0])
        ordered = [in_use, *(value for value in values if value != in_use)]
        named = tuple((value, texts.say(f"devices.{_PREFIX[option]}_{value}")) for value in ordered)
        asked.append(Field(option, question, "choice", choices=named, when=_prints))
    return tuple(asked)


def _prints(answers: Mapping[str, Any]) -> bool:
    return answers.get("line") not in (OTHER, "none", None)


def line_of(kind: str, answers: Mapping[str, Any], now: str) -> str:
    """The line that the answers make. What is typed stands as it is, with its own options."""
    base = answers["line"]
    if base == OTHER:
        return answers.get("typed") or now
    if base == "none":
        return "none"
    kept = [each for each in now.split(",")[1:] if each.partition("=")[0] not in _PREFIX]
    made = [
        f"{option}={answers[option]}"
        for option, _, values in _OPTIONS.get(kind, ())
        if answers.get(option, values[0]) != values[0]
    ]
    return ",".join([base, *(kept if base == now.partition(",")[0] else ()), *made])
