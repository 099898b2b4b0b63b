"""The translation catalogue: JSON files of sentences by key, switchable while the window runs.

JSON and not Qt's .ts/.qm: no compiler at set-up, one format for keys, error codes and ways out, and a
test can hold both languages against each other and against `pos_client.services.codes`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from pos_client.ui.text.formats import format_amount, format_quantity_text
from pos_core.errors import TidemarkError
from resources import resource_path

LANGUAGES: Final = ("zh", "en")
CATALOGUES: Final = ("ui", "errors", "ways_out")


def load_catalogue(name: str, language: str) -> dict[str, str]:
    """One file of `resources/translations`: key → sentence, `{fact}` where a fact goes."""
    text = resource_path(f"translations/{name}.{language}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded


class _Facts(dict[str, str]):
    """A fact that the raiser did not give shows as a dash instead of breaking the sentence."""

    def __missing__(self, key: str) -> str:
        return "–"


class Texts:
    """Says things in the language of the moment.

    `bind` calls a setter now and again at each change of language: how a label stays translated.
    """

    def __init__(self, language: str = "zh") -> None:
        self._catalogues = {
            (name, code): load_catalogue(name, code) for name in CATALOGUES for code in LANGUAGES
        }
        self._role_words = {
            word
            for code in LANGUAGES
            for key, word in self._catalogues["ui", code].items()
            if key.startswith("role.")
        }
        self._language = language if language in LANGUAGES else LANGUAGES[0]
        self._listeners: list[Callable[[], None]] = []
        self.currency = "CNY"
        self.exponent = 2

    @property
    def language(self) -> str:
        """`zh` or `en`."""
        return self._language

    def switch(self, language: str | None = None) -> None:
        """To `language`, or to the other one; tells everybody who bound or listens."""
        others = [code for code in LANGUAGES if code != self._language]
        self._role_words = {
            word
            for code in LANGUAGES
            for key, word in self._catalogues["ui", code].items()
            if key.startswith("role.")
        }
        self._language = language if language in LANGUAGES else others[0]
        for listener in list(self._listeners):
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change of language."""
        self._listeners.append(listener)

    def bind(self, setter: Callable[[str], object], key: str) -> None:
        """`setter(say(key))` now and after each change of language."""

        def apply() -> None:
            setter(self.say(key))

        self._listeners.append(apply)
        apply()

    def say(self, key: str, /, **facts: object) -> str:
        """The sentence of `key`; an unknown key is our bug."""
        return self._fill(self._catalogues["ui", self._language][key], facts)

    def say_or(self, key: str, otherwise: str, /, **facts: object) -> str:
        """The sentence of a key with a word of head office's, which may be newer than this program."""
        known = key in self._catalogues["ui", self._language]
        return self.say(key if known else otherwise, **facts)

    def error(self, error: TidemarkError) -> str:
        """The sentence of an error's code with its facts."""
        return self.code(error.code, error.facts)

    def code(self, code: str, facts: Mapping[str, object]) -> str:
        """The sentence of an error's or notice's code; one that is unknown is named with its code."""
        sentence = self._catalogues["errors", self._language].get(code)
        if sentence is None:
            return self.say("error.unknown", code=code)
        return self._fill(sentence, facts)

    def way_out(self, code: str) -> str:
        """What a person can do about a start-up error."""
        ways = self._catalogues["ways_out", self._language]
        return ways.get(code, ways["any"])

    def person(self, name: str, role: str | None) -> str:
        """A name with its role before it, unless the name says it already ("收银员 1001")."""
        if role is None or self.says_role(name):
            return name
        return f"{self.say(f'role.{role}')} {name}"

    def says_role(self, name: str) -> bool:
        """Whether a name holds a role already, in either language."""
        return any(word in name for word in self._role_words)

    def amount(self, amount_minor: int) -> str:
        """An amount with the currency's symbol and grouped digits."""
        return format_amount(amount_minor, self.currency, self.exponent)

    def list_of(self, names: Iterable[str]) -> str:
        """Names one after the other, as the language divides them."""
        return self.say("list.comma").join(names)

    def _fill(self, sentence: str, facts: Mapping[str, object]) -> str:
        if "{" not in sentence:
            return sentence
        return sentence.format_map(_Facts({name: self._fact(name, value) for name, value in facts.items()}))

    def _fact(self, name: str, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            if name.endswith("_minor"):
                return self.amount(value)
            if name.endswith("_milli"):
                return format_quantity_text(value)
            if name.endswith("_ms"):
                return str(value // 1000)
        return "" if value is None else str(value)
