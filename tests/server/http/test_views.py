from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import text

from sync_server.store.views import view_names
from tests.server.support.office import Chain

DOC = Path(__file__).resolve().parents[3] / "docs" / "views-head-office.md"


def test_every_view_is_documented_column_by_column(chain: Chain) -> None:
    said = {}
    for line in DOC.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("`c_"):
            said[cells[0].strip("`")] = re.findall(r"`(\w+)`", cells[2])
    found = chain.office.store.read(
        lambda txn: {name: list(txn.execute(text(f"SELECT * FROM {name}")).keys()) for name in view_names()}
    )
    assert said == found
