"""The number of look-ups does not grow with members: a chain has a million, and several stores know each."""

from __future__ import annotations

from typing import Any

import pytest

from sync_server.services.importing import ImportReport
from sync_server.store.engine import Txn
from tests.server.importing.conftest import Importer


def table(count: int, first: int = 0) -> str:
    rows = (
        f"M{n},{12_000_000_000 + n},gold,S001,{n},88{n:05d},1990-07-03\n" for n in range(first, first + count)
    )
    return "member_id,phone,tier,门店,points,card,birthday\n" + "".join(rows)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many statements were run, in its one place."""
    count, execute = [0], Txn.execute

    def counted(txn: Txn, *arguments: Any, **named: Any) -> Any:
        count[0] += 1
        return execute(txn, *arguments, **named)

    monkeypatch.setattr(Txn, "execute", counted)
    return count


@pytest.mark.parametrize("again", [False, True], ids=["new", "changed"])
def test_ten_times_the_members_ask_hardly_more(shop: Importer, statements: list[int], again: bool) -> None:
    def asked(count: int, first: int) -> tuple[int, ImportReport]:
        if again:
            shop("members", table(count, first))
        before = statements[0]
        report = shop(
            "members", table(count, first).replace("gold", "silver") if again else table(count, first)
        )
        return statements[0] - before, report

    few, _ = asked(20, 0)
    many, report = asked(200, 1000)
    assert (report.changed if again else report.created) == 200
    cards_given_out = 0 if again else 200  # each number is taken from whoever had it
    assert many - cards_given_out < 2 * few
