"""The console's words in two languages, and how it writes times, money and quantities.

`resources/translations/console/<part>.<language>.json`: one flat file a part of the console. A test holds
both languages equal in keys and placeholders, and every key that a template names present.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from sync_server.services.clock import moment_of
from sync_server.services.console.chain_facts import Facts

LANGUAGES = ("zh", "en")


@cache
def sentences(language: str) -> dict[str, str]:
    """Every key of a language, all parts together; a key stands in one part only."""
    found: dict[str, str] = {}
    folder = files("resources") / "translations" / "console"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(f".{language}.json"):
            part = json.loads(entry.read_text(encoding="utf-8"))
            assert not found.keys() & part.keys(), f"{entry.name} repeats a key"
            found |= part
    return found


def masked_id(member_id: str) -> str:
    """As much of a member's id as tells two apart on a page; the rest is for whoever may open members."""
    return f"···{member_id[-min(6, 1 + len(member_id) // 4) :]}"


class Words:
    """One language and the chain's own units; `words("key", name=…)` is the text."""

    def __init__(self, language: str, facts: Facts) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self.facts = facts
        self._sentences = sentences(self.language)

    def __call__(self, key: str, **values: object) -> str:
        text = self._sentences[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Is there such a sentence."""
        return key in self._sentences

    def time(self, at_ms: int | None, *, seconds: bool = False) -> str:
        """A moment in the chain's zone; an en dash for none."""
        if at_ms is None:
            return "–"
        moment = moment_of(at_ms, self.facts.zone)
        return moment.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")

    def age(self, passed_ms: int) -> str:
        """How long ago, in one unit."""
        seconds = max(0, passed_ms) // 1000
        for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= length:
                return self(f"age.{unit}", n=seconds // length)
        return self("age.seconds", n=seconds)

    def money(self, amount_minor: int | None, exponent: int | None = None) -> str:
        """An amount without its currency sign, thousands apart."""
        if amount_minor is None:
            return "–"
        places = self.facts.exponent if exponent is None else exponent
        whole, rest = divmod(abs(amount_minor), 10**places)
        sign = "-" if amount_minor < 0 else ""
        return f"{sign}{whole:,}" + (f".{rest:0{places}d}" if places else "")

    def quantity(self, milli: int) -> str:
        """Thousandths, without trailing zeros."""
        whole, rest = divmod(abs(milli), 1000)
        tail = f".{rest:03d}".rstrip("0").rstrip(".")
        return ("-" if milli < 0 else "") + f"{whole:,}{tail}"

    def count(self, number: int) -> str:
        """A whole number, thousands apart."""
        return f"{number:,}"
