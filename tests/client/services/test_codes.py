"""`services/codes.py` lists what an operator can meet; held against the source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pos_client.services.codes import ALL_CODES, NOTICES

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = [
    "pos_client/services",
    "pos_client/headless",
    "pos_client/devices",
    "pos_client/storage",
    "pos_client/keys",
    "pos_core/sale",
    "pos_core/catalog",
    "pos_core/cash",
]
NEVER_ON_SCREEN = {
    "bad_sealed_box": "rescue at head office",
    "bad_basket": "a stored basket that cannot be read is dropped at the start",
    "bad_cash_rounding": "a policy that cannot be read is logged, the default stands",
    "bad_in_store_layout": "as above",
    "bad_offer_list": "as above",
    "bad_tender_rules": "as above",
    "bad_department_tree": "import at head office",
    "unbalanced": "a defect of ours, found before anything is written",
    "returned_too_much": "returns come later",
    "not_returnable": "returns come later",
}
CODE = re.compile(r'^    code = "([a-z_]+)"', re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_code_that_may_reach_an_operator_is_listed(folder: str) -> None:
    raised = {
        code
        for path in (ROOT / folder).rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert raised - set(ALL_CODES) - NEVER_ON_SCREEN.keys() == set()


def test_every_notice_of_the_status_bar_is_listed() -> None:
    folder = ROOT / "pos_client" / "services"
    source = "".join(
        (folder / name).read_text(encoding="utf-8") for name in ("status.py", "journal_notices.py")
    )
    shown = set(re.findall(r'Notice\(\s*"([a-z_]+)"', source))
    assert shown and shown <= set(NOTICES)


def test_no_code_stands_twice_and_all_are_words() -> None:
    assert len(set(ALL_CODES)) == len(ALL_CODES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in ALL_CODES)
