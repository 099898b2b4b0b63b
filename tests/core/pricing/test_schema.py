"""The published schemas, and our validator beside a second one."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path

import jsonschema
import pytest

from pos_core.pricing.__main__ import main, schema_text
from pos_core.pricing.schema import ROOTS, schema_of
from pos_core.pricing.validate import problems_in
from tests.core.pricing.examples import BASKET, PROMOTIONS

DOCS = Path(__file__).parents[3] / "docs" / "schema"
SET = {"promotions": list(PROMOTIONS.values())}
JUNK = [
    None,
    True,
    False,
    -1,
    0,
    7,
    2**53,
    "",
    "percent_each",
    "x" * 300,
    [],
    {},
    [1, 1],
    ["a", "a"],
    {"kind": "x"},
]


@pytest.mark.parametrize("name", ROOTS)
def test_the_published_file_is_what_the_core_says(name):
    assert (DOCS / f"{name}.json").read_text("utf-8") == schema_text(name)


@pytest.mark.parametrize("name", ROOTS)
def test_it_is_a_schema_of_2020_12(name):
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


def test_the_command_prints_a_schema(capsys):
    assert main(["--schema", "basket"]) == 0
    assert json.loads(capsys.readouterr().out) == schema_of("basket")


def mutated(document, shuffle):
    """One random place of the document overwritten, removed, or given an unknown field."""
    document = copy.deepcopy(document)
    spots = []

    def walk(node):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            spots.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])

    walk(document)
    node, key = shuffle.choice(spots)
    deed = shuffle.randrange(3)
    if deed == 0:
        node[key] = copy.deepcopy(shuffle.choice(JUNK))
    elif deed == 1:
        del node[key]
    elif isinstance(node, dict):
        node["unheard_of"] = 1
    return document


@pytest.mark.parametrize(("name", "document"), [("promotion_set", SET), ("basket", BASKET)])
@pytest.mark.parametrize("seed", range(6))
def test_both_validators_agree_on_mutated_documents(name, document, seed):
    other = jsonschema.Draft202012Validator(schema_of(name))
    shuffle = random.Random(f"{name}{seed}")
    refused = 0
    for _ in range(60):
        candidate = mutated(document, shuffle)
        ours = problems_in(candidate, name)
        assert (ours == []) is other.is_valid(candidate), (ours, candidate)
        refused += bool(ours)
    assert refused > 10


@pytest.mark.parametrize("promotion", PROMOTIONS.values(), ids=PROMOTIONS)
def test_both_validators_accept_every_example(promotion):
    assert problems_in(promotion, "promotion") == []
    jsonschema.validate(promotion, schema_of("promotion"), jsonschema.Draft202012Validator)


def test_every_problem_is_named_with_its_path():
    broken = copy.deepcopy(SET)
    broken["promotions"][0]["revision"] = 2**53
    broken["promotions"][1]["unheard_of"] = 1
    del broken["promotions"][2]["name"]
    broken["promotions"][3]["benefit"] = {"kind": "half_off"}
    assert [(p.path, p.code) for p in problems_in(broken, "promotion_set")] == [
        ("/promotions/0/revision", "too_large"),
        ("/promotions/1/unheard_of", "unknown_field"),
        ("/promotions/2/name", "missing"),
        ("/promotions/3/benefit/kind", "unknown_kind"),
    ]


def test_a_flood_of_problems_is_cut_off():
    assert len(problems_in({"promotions": [1] * 5000}, "promotion_set")) == 200
