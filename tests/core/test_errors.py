"""The error tree: stable codes, facts, advice."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pos_core
from pos_core.errors import Advice, InvalidInput, Refusal, TidemarkError, Trouble


def _tree(root: type[TidemarkError]) -> set[type[TidemarkError]]:
    return {root}.union(*(_tree(child) for child in root.__subclasses__()))


def _core_errors() -> set[type[TidemarkError]]:
    for module in pkgutil.walk_packages(pos_core.__path__, "pos_core."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {error for error in _tree(TidemarkError) if error.__module__.startswith("pos_core.")}


def test_every_error_has_a_code_in_snake_case_and_a_docstring() -> None:
    for error in _core_errors():
        assert re.fullmatch(r"[a-z0-9_]+", error.code), error
        assert error.__doc__, error


def test_leaf_errors_do_not_share_a_code() -> None:
    leaves = [error for error in _core_errors() if "code" in vars(error)]
    assert len({error.code for error in leaves}) == len(leaves)


def test_an_error_carries_its_facts_as_a_dict() -> None:
    error = Refusal("no", sku="1", quantity_milli=2)
    assert error.as_dict() == {"code": "refused", "message": "no", "facts": {"sku": "1", "quantity_milli": 2}}
    assert str(InvalidInput()) == "invalid_input"


def test_trouble_says_what_may_be_done() -> None:
    assert Trouble().as_dict()["advice"] == Advice.ASK_A_PERSON.value
