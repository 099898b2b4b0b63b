"""Which versions workstations of one store speak with each other."""

from __future__ import annotations

import pytest

from pos_core.sync.peer_messages import peers_speak


@pytest.mark.parametrize(
    ("theirs", "ours", "spoken"),
    [
        (1, 1, 1),
        (1, 3, 1),
        (2, 3, 2),
        (3, 3, 3),
        (4, 3, 3),
        (9, 1, 1),
        (1, 4, None),
        (0, 1, None),
        (-1, 1, None),
    ],
)
def test_the_newest_that_both_know_two_back(theirs: int, ours: int, spoken: int | None) -> None:
    assert peers_speak(theirs, ours) == spoken
