"""What is sent of a series: documents as their bytes, the last one's hash, and whether more may follow."""

from __future__ import annotations

from random import Random

import pytest

from pos_client.journal.journal import Journal
from pos_core.sync.document import document_hash
from tests.client.journal.helpers import Home, sale

COUNT = 12


def sold(home: Home) -> tuple[Journal, list[bytes]]:
    journal = home.open()
    dice = Random(3)
    journal.record([sale(dice) for _ in range(COUNT - 1)]).result()  # behind series_opened
    return journal, [each.data for each in journal.documents_after(0, limit=COUNT)]


@pytest.mark.parametrize("after", [0, 1, 5, COUNT - 1])
@pytest.mark.parametrize("limit", [1, 2, 5, COUNT, COUNT + 1])
def test_a_stretch_begins_behind_a_number_and_ends_at_the_limit(home: Home, after: int, limit: int) -> None:
    journal, documents = sold(home)
    found = journal.stretch_after(after, limit=limit, bytes_max=10**9, incarnation=1)
    assert found is not None
    wanted = documents[after : after + limit]
    assert (found.first_number, found.documents) == (after + 1, wanted)
    assert found.last_hash == document_hash(wanted[-1]) == journal.hash_at(after + len(wanted))
    assert found.is_cut == (len(wanted) == limit)


@pytest.mark.parametrize("fit", range(1, COUNT + 1))
def test_a_stretch_ends_before_it_becomes_too_long_and_has_one_at_least(home: Home, fit: int) -> None:
    journal, documents = sold(home)
    length = sum(map(len, documents[:fit]))
    for bytes_max, count in ((length, fit), (length - 1, max(1, fit - 1))):
        found = journal.stretch_after(0, limit=100, bytes_max=bytes_max, incarnation=1)
        assert found is not None and found.documents == documents[:count]
        assert found.is_cut == (count < COUNT)
        assert found.last_hash == document_hash(documents[count - 1])


def test_behind_the_last_document_and_in_a_series_that_never_was_there_is_nothing(home: Home) -> None:
    journal, _ = sold(home)
    assert journal.stretch_after(COUNT, limit=5, bytes_max=10**9, incarnation=1) is None
    assert journal.stretch_after(0, limit=5, bytes_max=10**9, incarnation=7) is None


@pytest.mark.parametrize("gone", [2, 5, COUNT - 1])
def test_a_gap_is_not_sent_as_if_there_were_none(home: Home, gone: int) -> None:
    journal, _ = sold(home)
    journal.change(
        lambda connection: connection.execute("DELETE FROM document WHERE number = ?", (gone,))
    ).result()
    with pytest.raises(AssertionError, match="no gaps"):
        journal.stretch_after(0, limit=COUNT, bytes_max=10**9, incarnation=1)
