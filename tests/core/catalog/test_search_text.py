"""Terms and normal form, held against the same said plainly, letter by letter."""

from __future__ import annotations

import random
import unicodedata

import pytest

from pos_core.catalog.search_text import entry_terms, entry_text, initial_terms, normalise, text_terms

LETTERS = "aB1 甲乙丙πψΠΨß①Ⅳ-é․·ﬁＣ"


def plain_normal(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum() and char not in "πψ")


def plain_terms(texts: list[str], pinyin: str, initials: str) -> set[str]:
    terms = {text[at : at + length] for text in texts for length in (1, 2) for at in range(len(text))}
    for length in (1, 2, 3):
        terms |= {"π" + initials[at : at + length] for at in range(len(initials) - length + 1)}
    return {*terms, *("ψ" + pinyin[:length] for length in range(1, min(4, len(pinyin)) + 1))} - {""}


@pytest.mark.parametrize("seed", range(4))
def test_terms_are_the_characters_pairs_beginnings_and_initials(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(1000):
        names = ["".join(dice.choices(LETTERS, k=dice.randint(0, 6))) for _ in range(3)]
        pinyin, initials = ("".join(dice.choices("abc1", k=dice.randint(0, 6))) for _ in range(2))
        normal = [plain_normal(name) for name in names]
        assert [normalise(name) for name in names] == normal
        text = entry_text(*names)
        assert text == "|".join(normal)
        assert set(entry_terms(text, pinyin, initials).split(" ")) - {""} == plain_terms(
            normal, pinyin, initials
        )


@pytest.mark.parametrize(
    ("name", "text"), [("Ｃoca-Cola 330ml", "cocacola330ml"), ("Straße", "strasse"), (" · ", ""), ("π", "")]
)
def test_width_case_and_marks_do_not_matter(name: str, text: str) -> None:
    assert normalise(name) == text


def test_an_entry_has_every_term_that_is_asked_for() -> None:
    entry = set(entry_terms(entry_text("可口可乐330ml", "Cola", "可口可乐"), "kekoukele", "kkkl").split(" "))
    for part in ("可口可乐", "口可", "乐", "330", "ml", "cola"):
        assert set(text_terms(part)) <= entry
    for part in ("k", "kk", "kkk", "kkkl"):
        assert set(initial_terms(part)) <= entry
