"""`python -m pos_core.pricing` as a stranger uses it: bytes in, one line of JSON out, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_core.canonical import canonical_bytes
from pos_core.pricing.codec import encode, encode_bytes
from pos_core.pricing.command import DEFECT, DONE, FOUND, REFUSED, Options, batch
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.words import WIDTH_MAX, width
from tests.core.pricing.build import basket, line, price, rule
from tests.core.pricing.goldens import PRICED, basket_of, release_of

ROOT = Path(__file__).parents[3]
HALF = rule("half", "item", "nth_percent", units=2, rate_ppm=500_000)
QUESTION = {"basket": basket(line("a", 1000, 3)), "promotions": [HALF]}


def run(*arguments: str, given_: bytes = b"") -> tuple[int, bytes, bytes]:
    """The real command in plain CPython: no site packages, no environment."""
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", _PLAIN, *arguments],
        input=given_,
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


_PLAIN = (
    "import sys; sys.path.insert(0, '.'); sys.argv[0] = 'pricing';"
    "from pos_core.pricing.__main__ import main; sys.exit(main(sys.argv[1:]))"
)


def text_of(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_the_module_runs_with_minus_m() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pos_core.pricing"],
        input=text_of(QUESTION),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout == encode_bytes(price(QUESTION["basket"], HALF)) + b"\n"  # type: ignore[arg-type]


def test_plain_python_prints_the_bytes_of_the_core() -> None:
    code, out, err = run(given_=text_of(QUESTION))
    assert (code, err) == (DONE, b"")
    assert out == encode_bytes(price(QUESTION["basket"], HALF)) + b"\n"  # type: ignore[arg-type]


def test_promotions_may_stand_in_a_file_and_the_basket_alone_on_input(tmp_path: Path) -> None:
    file = tmp_path / "promotions.json"
    file.write_bytes(text_of({"promotions": [HALF]}))
    code, out, _ = run("--promotions", str(file), given_=text_of(QUESTION["basket"]))
    assert code == DONE and out == run(given_=text_of(QUESTION))[1]


def test_words_in_both_languages() -> None:
    _, out, _ = run("--explain", "--lang", "zh", given_=text_of(QUESTION))
    found = json.loads(out)
    assert found["words"] == ["half：已减 ¥5.00，2 件", "再买 1 件，第二件半价"]
    assert found["priced"]["explanations"][0]["next_tier"]["short_units"] == 1
    _, out, _ = run("--lang", "en", "--symbol", "€", given_=text_of(QUESTION))
    assert json.loads(out)["words"][0] == "half: €5.00 off 2 units"


def test_check_finds_a_changed_cent() -> None:
    _, out, _ = run(given_=text_of(QUESTION))
    priced = json.loads(out)
    assert run("--check", given_=text_of({**QUESTION, "priced": priced}))[:2] == (DONE, b'{"findings":[]}\n')
    priced["payable_minor"] -= 1
    code, out, _ = run("--check", given_=text_of({**QUESTION, "priced": priced}))
    assert code == FOUND and json.loads(out)["findings"]


def test_a_priced_basket_that_contradicts_itself_is_not_explained() -> None:
    _, out, _ = run(given_=text_of(QUESTION))
    priced = json.loads(out)
    told = run("--explain", given_=text_of({**QUESTION, "priced": priced}))
    assert told[:2] == run("--explain", given_=text_of(QUESTION))[:2]
    priced["usage"] = []
    code, out, err = run("--explain", given_=text_of({**QUESTION, "priced": priced}))
    error = json.loads(err)["error"]
    assert (code, out) == (REFUSED, b"")
    assert (error["code"], error["facts"]["path"]) == ("invalid_question", "/priced")


def test_refunds_one_after_the_other() -> None:
    one = {"returned": [{"line_id": "a", "units": 1}]}
    code, out, _ = run("--refund", given_=text_of({**QUESTION, "returns": [one, one, one]}))
    assert code == DONE
    assert [r["refund_minor"] for r in json.loads(out)["refunds"]] == [750, 750, 1000]
    code, _, err = run("--refund", given_=text_of({**QUESTION, "returns": [one] * 4}))
    assert code == REFUSED and json.loads(err)["error"]["code"] == "return_more_than_is_left"


def test_a_batch_answers_line_by_line_and_goes_on_after_a_bad_one() -> None:
    lines = [text_of(QUESTION), b"", b"not json", text_of(basket(line("b", 500))), text_of({"basket": {}})]
    code, out, err = run("--batch", given_=b"\n".join(lines) + b"\n")
    answers = [json.loads(text) for text in out.splitlines()]
    assert code == REFUSED and err == b""
    assert [a.get("payable_minor", a.get("error", {}).get("code")) for a in answers] == [
        2500,
        "invalid_question",
        500,
        "invalid_basket",
    ]


def test_a_batch_prices_the_goldens_as_the_core_does() -> None:
    lines, wanted = [], []
    for case in PRICED.values():
        question, release = basket_of(case), release_of(case)
        lines.append(canonical_bytes({"basket": encode(question), "promotions": encode(release)}))
        wanted.append(encode_bytes(price_basket(question, compile_rules(release))))
    assert [found.line for found in batch(lines, Options(), None)] == wanted


@pytest.mark.parametrize(
    "text, arguments, code, path",
    [
        (b"", [], "invalid_question", "/"),
        (b"[1]", [], "invalid_question", "/"),
        (b"\xff\xfe", [], "invalid_question", "/"),
        (b'{"basket":1.5}', [], "invalid_question", "/basket"),
        (
            b'{"basket":{"lines":[{},{"list_price_minor":1e3}]}}',
            [],
            "invalid_question",
            "/basket/lines/1/list_price_minor",
        ),
        (b'{"basket":{"a":NaN},"x":', [], "invalid_question", "/"),
        (b'{"basket":{},"x":1}', [], "invalid_question", "/x"),
        (b'{"basket":{}}', [], "invalid_question", "/promotions"),
        (b'{"promotions":[]}', [], "invalid_question", "/basket"),
        (b'{"basket":{},"promotions":7}', [], "invalid_question", "/promotions"),
        (b"[" * 100_000, [], "invalid_question", "/"),
        (text_of({**QUESTION, "priced": 1}), [], "invalid_question", "/priced"),
        (text_of({**QUESTION, "returns": 1}), ["--refund"], "invalid_question", "/returns"),
        (text_of({**QUESTION, "returns": [{"shipping": 1}]}), ["--refund"], "invalid_refund", "/shipping"),
        (
            text_of({**QUESTION, "basket": basket(line("a", 2**60))}),
            [],
            "invalid_basket",
            "/lines/0/list_price_minor",
        ),
        (
            text_of({**QUESTION, "promotions": [{**HALF, "phase": "points"}]}),
            [],
            "invalid_promotions",
            "/promotions/0/benefit/kind",
        ),
        (b"", ["--promotions", "/nowhere/at/all"], "file_unreadable", "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(
    text: bytes, arguments: list[str], code: str, path: str
) -> None:
    exit_code, out, err = run(*arguments, given_=text)
    error = json.loads(err)["error"]
    assert (exit_code, out) == (REFUSED, b"")
    assert (error["code"], error["facts"]["path"]) == (code, path)


def test_promotions_of_a_line_hold_for_those_after_it_whatever_becomes_of_its_basket() -> None:
    good, alone = text_of(QUESTION), text_of({"basket": QUESTION["basket"]})
    other = {**HALF, "benefit": {**HALF["benefit"], "rate_ppm": 1_000_000}}
    broken = text_of({"basket": {"lines": 7}, "promotions": [other]})
    refused = text_of({**QUESTION, "promotions": [{**HALF, "phase": "points"}]})
    found = list(batch([good, broken, alone, refused, alone, good], Options(), None))
    assert [each.code for each in found] == [DONE, REFUSED, DONE, REFUSED, REFUSED, DONE]
    assert found[2].line == encode_bytes(price(QUESTION["basket"], other))  # type: ignore[arg-type]
    assert json.loads(found[4].line)["error"]["facts"]["path"] == "/promotions"


def test_a_line_that_we_fail_on_is_an_answer_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(question: Any, rules: Any) -> Any:
        if question.lines[0].sku == "b":
            raise ZeroDivisionError
        return price_basket(question, rules)

    monkeypatch.setattr("pos_core.pricing.command.price_basket", failing)
    bad = text_of({**QUESTION, "basket": basket(line("b", 1000))})
    found = list(batch([bad, text_of(QUESTION)], Options(), None))
    assert [each.code for each in found] == [DEFECT, DONE]
    assert json.loads(found[0].line)["error"]["code"] == "defect"


def test_one_question_at_a_time() -> None:
    code, out, err = run("--check", "--explain", given_=text_of(QUESTION))
    assert (code, out) == (REFUSED, b"") and json.loads(err)["error"]["code"] == "bad_usage"


def test_every_golden_case_is_explained_once_a_promotion_and_in_words() -> None:
    """As JSON lines, as a stranger would ask: one answer a promotion, every line short and none unfilled."""
    cases = list(PRICED.values())
    lines = [text_of({"basket": c["basket"], "promotions": c["promotions"]}) for c in cases]
    for language in ("zh", "en"):
        found = list(batch(lines, Options(explain=True, language=language), None))
        for case, each in zip(cases, found, strict=True):
            told = json.loads(each.line)
            ids = [e["promotion_id"] for e in told["priced"]["explanations"]]
            assert ids == sorted(p["id"] for p in case["promotions"])
            assert len(ids) <= len(told["words"]) <= 2 * len(ids)
            assert all("{" not in text and 0 < width(text) <= WIDTH_MAX for text in told["words"])


def test_wrong_usage_is_an_error_like_any_other() -> None:
    code, _, err = run("--no-such-thing")
    assert code == REFUSED and json.loads(err)["error"]["code"] == "bad_usage"


def test_every_schema_is_printed() -> None:
    code, out, _ = run("--schema", "refund")
    assert code == DONE and json.loads(out)["title"] == "refund"


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(_JUNK, st.sampled_from(["basket", "promotions", "priced", "returns"]), st.booleans(), st.booleans())
def test_junk_in_any_place_is_a_typed_error_or_an_answer(
    junk: Any, place: str, check: bool, refunds: bool
) -> None:
    found = list(batch([text_of({**QUESTION, place: junk})], Options(check=check, refunds=refunds), None))
    assert len(found) == 1 and (found[0].code in (DONE, FOUND) or b'"error"' in found[0].line)
