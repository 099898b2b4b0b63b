"""A component of one promotion is answered as the search over many promotions answers it, to the last tie."""

from __future__ import annotations

from random import Random

from pos_core.pricing.automata_groups import _counting, heads_then_tails
from pos_core.pricing.automaton import Automaton, Move
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.component import LOOKS_MAX, NARROW, Component
from pos_core.pricing.lone import fits_lone, one_group, solve_lone, solve_one_group
from pos_core.pricing.offer import Offer
from pos_core.pricing.potentials import potentials


def _machine(random: Random) -> Automaton:
    """Of any shape, with gains that often tie."""
    count = random.randrange(1, 9)
    gains = sorted(random.choices([0, 1, 2, 3, 50], k=count), reverse=True)
    machine = Automaton(Offer(None, ()), sorted(random.sample(range(20), count)), gains, True)
    shape = random.randrange(4)
    if shape == 0:
        times = random.choice([None, 1, 2])
        heads, tails = random.choice([(1, 1), (2, 1), (0, 2), (1, 2), (3, 1)])
        assert heads_then_tails(machine, heads, tails, random.choice([1, 2, 3]), times, random.random() < 0.3)
    elif shape == 1:
        size = random.choice([2, 3])
        counted = random.random() < 0.5
        last = size * random.choice([1, 2]) if counted else size
        moves, accept = _counting(size, last, counted, random.random() < 0.5, random.choice([-3, 0, 4]))
        machine.moves, machine.accept = moves, accept
    elif shape == 2:  # a kind with places: units fit some of them
        machine.one_slot = False
        machine.fits = [random.choice([1, 2, 3]) for _ in range(count)]
        machine.moves = [
            [Move(1, False, 0, 0, 1), Move(2, False, 0, 1, 2)],
            [Move(0, True, 5, 1, 2)],
            [Move(0, True, 5, 0, 1)],
        ]
        machine.accept = [True, False, False]
    else:  # each by itself, at most so many
        room = random.randrange(1, 4)
        machine.moves = [[Move(r + 1, True, 0, 0, 1)] if r < room else [] for r in range(room + 1)]
        machine.accept = [True] * (room + 1)
    return machine


def test_as_the_search_over_many_promotions() -> None:
    random = Random(1)
    for _ in range(1_500):
        machine = _machine(random)
        alone = [random.choice([0, 0, 1, 2, 40]) * SCALE for _ in range(20)]
        assert fits_lone(machine, LOOKS_MAX)
        weight = [each + random.choice([0, 1, 3]) * SCALE for each in alone]
        found = Component(machine.units, [machine], alone, weight).solve(20_000)
        assert solve_lone(machine, alone, potentials(machine, alone)) == found


def test_units_for_one_group_join_together_or_not_at_all() -> None:
    random = Random(2)
    told = worth = 0
    for _ in range(6_000):
        machine = _machine(random)
        alone = [random.choice([0, 0, 1, 2, 40]) * SCALE for _ in range(20)]
        together = one_group(machine)
        if together is None:
            continue
        told += 1
        table = potentials(machine, alone)
        by_themselves = sum(alone[place] for place in machine.units)
        assert table[0][0] == max(0, together * SCALE - by_themselves)
        if table[0][0]:
            worth += 1
            assert solve_one_group(machine, together) == solve_lone(machine, alone, table)
    assert told > 100
    assert worth > 20


def test_the_plan_adds_up_to_what_it_says() -> None:
    machine = Automaton(Offer(None, ()), [0, 1, 2, 3], [10, 9, 8, 7], True)
    heads_then_tails(machine, 1, 1, 1, None, False)
    alone = [0, 0, 0, 5 * SCALE]
    found = solve_lone(machine, alone, potentials(machine, alone))
    # Two pairs, 9 + 7, and not one pair and the single offer of the last unit, 9 + 5.
    assert (found.gain, found.at_most) == (16, 16)
    assert found.joined == (((0, 0), (1, 1), (2, 0), (3, 1)),)


def test_what_the_narrow_pass_would_cut_is_left_to_it() -> None:
    machine = Automaton(Offer(None, ()), [0, 1], [1, 1], True)
    machine.moves = [[Move(r, True, 0, 0, 1)] for r in range(NARROW + 1)]
    assert not fits_lone(machine, LOOKS_MAX)
    machine.moves = machine.moves[:NARROW]
    assert fits_lone(machine, 2 * NARROW)
    assert not fits_lone(machine, 2 * NARROW - 1)
