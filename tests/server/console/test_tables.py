"""Files that leave the console: a number stays one below zero, a text is never run."""

from __future__ import annotations

import csv
import io

import pytest

from sync_server.services.console.tables import as_csv

pytestmark = pytest.mark.database("sqlite")  # it asks none


def test_a_number_below_zero_is_no_text_and_a_text_that_looks_like_a_formula_is_guarded() -> None:
    rows = [["lift", -1002.277, -5, 0.0, None], ["-1+1", "=1", "-3", "@x", "plain"]]
    text = b"".join(as_csv(["name", "a", "b", "c", "d"], rows)).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text)))
    assert found[1] == ["lift", "-1002.28", "-5", "0.00", ""]
    assert found[2] == ["'-1+1", "'=1", "'-3", "'@x", "plain"]
