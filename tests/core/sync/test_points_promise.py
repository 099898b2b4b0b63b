"""Promise P8: offline redemption overdraws at most by the published sum, managers' headroom included."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pos_core.sync.allowance import AllowanceRefused, Grant, Instant, Slice, accept, use
from pos_core.sync.allowance_ledger import worst_case
from pos_core.sync.folds import State, fold_facts
from pos_core.sync.folds.facts import AllowanceStep, Fact, PointsMoved
from pos_core.sync.folds.points import balance, clawed_back, overdrawn
from pos_core.sync.folds.stamp import HQ
from pos_core.sync.rulings import Terms, all_rulings
from tests.fakes.facts import document, facts, points, sale, stamp

MEMBERS = ("M1", "M2")
HEADROOM = 60
NOW = Instant(0, 0, "boot")

redemptions = st.lists(
    st.tuples(
        st.sampled_from(("ws-1", "ws-2", "ws-3")),
        st.sampled_from(MEMBERS),
        st.integers(1, 60),
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    amounts=st.fixed_dictionaries({f"ws-{n}": st.integers(0, 100) for n in (1, 2, 3)}),
    earned=st.fixed_dictionaries({name: st.integers(0, 80) for name in MEMBERS}),
    asked=redemptions,
    returned=st.integers(0, 80),
)
def test_overdrawn_points_are_within_the_published_sum(
    amounts: dict[str, int],
    earned: dict[str, int],
    asked: list[tuple[str, str, int, bool]],
    returned: int,
) -> None:
    """All three are offline; each sees the balance of the morning less its own redemptions."""
    given_out: list[Fact] = [
        AllowanceStep(stamp(0, HQ, n), "S1", f"points/{name}/gold", "granted", amount)
        for n, (name, amount) in enumerate(amounts.items(), start=1)
    ]
    morning: list[Fact] = [
        PointsMoved(stamp(0, HQ, 10 + n), "S1", name, amount, "earned")
        for n, (name, amount) in enumerate(earned.items())
    ]
    states: dict[tuple[str, str], State] = fold_facts({}, [*given_out, *morning])
    published = worst_case(
        {key: state for (fold, key), state in states.items() if fold == "allowance_use"}, {"S1": HEADROOM}
    ).points
    slices: dict[str, Slice] = {}
    for name, amount in amounts.items():
        grant = Grant(f"points/{name}/gold", "points", f"1:{name}", amount, 0, 10, "E")
        slices[name] = accept(None, grant, series=f"1:{name}", epoch="E", asked=NOW)
    seen = {name: dict(earned) for name in amounts}
    headroom_left, numbers = HEADROOM, dict.fromkeys(amounts, 0)
    made: list[Fact] = []
    for name, member, wanted, manager in asked:
        if wanted > seen[name][member] and not manager:
            continue
        move = points(member, -wanted, authority="manager")
        if wanted <= headroom_left and manager:
            headroom_left -= wanted
        else:
            try:
                slices[name] = use(slices[name], wanted)
            except AllowanceRefused:
                continue
            move |= {"authority": "allowance", "allowance_id": f"points/{name}/gold"}
        seen[name][member] -= wanted
        numbers[name] += 1
        body = sale(member_id=member, points=(move,))
        made.extend(facts(document("sale", body, at=5, workstation_id=name, number=numbers[name])))
    body = sale(points=(points("M1", -returned),)) | {"origin": None}
    made.extend(facts(document("return", body, at=9, workstation_id="ws-9")))
    states = fold_facts(states, made)
    owed = {name: overdrawn(states["points", name]) for name in MEMBERS}
    assert sum(owed.values()) <= published
    ruled = [each for each in all_rulings(states, Terms()).values() if each.rule == "points_overdrawn"]
    assert sum(each.points for each in ruled) == sum(owed.values())
    assert clawed_back(states["points", "M1"]) == returned
    spent = sum(-fact.points for fact in made if isinstance(fact, PointsMoved))
    assert sum(balance(states["points", name]) for name in MEMBERS) == sum(earned.values()) - spent
