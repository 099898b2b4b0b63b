"""One store, three workstations, ten hours, six without a line; killed, restarted, settled offline."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.day.__main__ import day_in, thrown
from benchmarks.day.audit import differences, digests_agree, verified

BASKETS = 30


def test_after_a_day_in_the_life_every_figure_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with day_in(tmp_path, seed=1, say=print) as (day, office):
        day.play(thrown(BASKETS, 1))
        assert differences(day.clerks, office) == []
        assert all(digests_agree(clerk, office) for clerk in day.clerks)
        clerk = day.clerks[0]
        clerk.told[max(clerk.told)] += 1
        assert differences(day.clerks, office) != [], "one cent is noticed"
        clerk.told[max(clerk.told)] -= 1
    for clerk in day.clerks:
        assert verified(clerk) == []
    done = sum((Counter(clerk.done) for clerk in day.clerks), Counter[str]())
    assert {"return", "restart", "top_up", "hold", "paid_by_purse"} <= done.keys(), done
    assert max(clerk.waited for clerk in day.clerks) > BASKETS // 6
    assert "settled, offline" in capsys.readouterr().out
