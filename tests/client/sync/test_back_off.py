from __future__ import annotations

from pos_client.sync.back_off import BASE_MS, CEILING_MS, delay_ms


def test_waits_grow_and_stay_below_the_ceiling() -> None:
    waits = [delay_ms(failures, 0.999999) for failures in range(30)]
    assert waits[0] == 0 and waits == sorted(waits) and waits[-1] <= CEILING_MS
    assert waits[1] <= BASE_MS < waits[2]


def test_the_dice_spread_the_upper_half() -> None:
    assert delay_ms(5, 0.0) * 2 == 32_000 and 31_000 < delay_ms(5, 0.99) < 32_000


def test_absurd_counts_do_not_overflow() -> None:
    assert delay_ms(10**9, 0.5) <= CEILING_MS
