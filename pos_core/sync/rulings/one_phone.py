"""Two members who claim one phone number: the one who joined first survives, the other id is its alias.

The survivor shows both histories. Points stay apart until the member's code or a person confirms, and
nothing is ever moved: a confirmed member's points are the sum over its ids, so a split takes it back
without a trace. A split by head office stands for good, for phone numbers are recycled; a claim that comes
`recycled_after_ms` or more after the older one is shown to a person and not merged.

Held when: a member holds a number from its claim until its next claim or giving up, by hybrid clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.member_links import is_confirmed, is_split, pair_key
from pos_core.sync.folds.stamp import StampValue, hlc_ms
from pos_core.sync.rulings.ruling import Ruling, document_of, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "one_phone"
MERGED = frozenset({"one_phone_merged", "one_phone_confirmed"})


@dataclass(frozen=True, slots=True)
class _Claim:
    since: StampValue
    until: StampValue | None
    member_id: str
    store_id: str


def rule(
    key: str, profiles: Mapping[str, State], links: Mapping[str, State], terms: Terms
) -> tuple[Ruling, ...]:
    """`key` is the blind index; `profiles` of every member that ever claimed it, `links` by `pair_key`.

    One ruling for each member that is not the first, named in `detail` as `alias` and `survivor`.
    """
    claims = sorted(
        (claim for member_id, state in profiles.items() for claim in _claims(key, member_id, state)),
        key=lambda claim: claim.since,
    )
    found: dict[str, Ruling] = {}
    survivor_of: dict[str, str] = {}
    for claim in claims:
        holders = [other for other in claims if _held_by_another(other, claim)]
        for holder in sorted(holders, key=lambda other: _joined(profiles, other)):
            first, second = sorted((holder, claim), key=lambda each: _joined(profiles, each))
            survivor = survivor_of.get(first.member_id, first.member_id)
            if second.member_id in found or second.member_id == survivor:
                continue
            cause = _cause(claim, holder, links.get(pair_key(survivor, second.member_id)), terms)
            if cause in MERGED:
                survivor_of[second.member_id] = survivor
            found[second.member_id] = _ruling(key, cause, survivor, first, second)
            break
    return tuple(found.values())


def aliases(
    rulings: Iterable[Ruling], joined: Mapping[str, StampValue], links: Mapping[str, State]
) -> dict[str, str]:
    """alias → survivor over all phone rulings: chains of aliases end at the member who joined first.

    A link that would bring two split members together is left out, the newest such link first.
    """
    groups: dict[str, frozenset[str]] = {}
    edges = [
        (detail["survivor"], detail["alias"])
        for detail in (dict(each.detail) for each in rulings if each.rule == RULE and each.cause in MERGED)
    ]
    for first, second in sorted(edges, key=lambda edge: [_rank(joined, str(each)) for each in edge]):
        mine = groups.get(str(first), frozenset({str(first)}))
        other = groups.get(str(second), frozenset({str(second)}))
        if any(is_split(links.get(pair_key(a, b))) for a in mine for b in other):
            continue
        for member_id in mine | other:
            groups[member_id] = mine | other
    found = {}
    for member_id, group in groups.items():
        survivor = min(group, key=lambda each: _rank(joined, each))
        if survivor != member_id:
            found[member_id] = survivor
    return dict(sorted(found.items()))


def confirmed_ids(survivor: str, alias_of: Mapping[str, str], links: Mapping[str, State]) -> list[str]:
    """The ids whose points the member may spend as one: its own and every confirmed alias."""
    mine = [alias for alias, target in alias_of.items() if target == survivor]
    return [survivor, *sorted(each for each in mine if is_confirmed(links.get(pair_key(survivor, each))))]


def _claims(key: str, member_id: str, state: State) -> Iterable[_Claim]:
    phones: list[Any] = state["phones"]
    for position, (since, index, store_id) in enumerate(phones):
        if index != key:
            continue
        until = next((later[0] for later in phones[position + 1 :] if later[1] != key), None)
        yield _Claim(since, until, member_id, store_id)


def _held_by_another(other: _Claim, claim: _Claim) -> bool:
    return (
        other.member_id != claim.member_id
        and other.since < claim.since
        and (other.until is None or claim.since < other.until)
    )


def _joined(profiles: Mapping[str, State], claim: _Claim) -> tuple[StampValue, str]:
    return (profiles[claim.member_id]["joined"] or claim.since, claim.member_id)


def _rank(joined: Mapping[str, StampValue], member_id: str) -> tuple[StampValue, str]:
    return (joined.get(member_id, []), member_id)


def _cause(claim: _Claim, holder: _Claim, link: State | None, terms: Terms) -> str:
    if is_split(link):
        return "one_phone_split"
    if is_confirmed(link):
        return "one_phone_confirmed"
    if hlc_ms(claim.since[0]) - hlc_ms(holder.since[0]) >= terms.recycled_after_ms:
        return "phone_may_be_recycled"
    return "one_phone_merged"


def _ruling(key: str, cause: str, survivor: str, first: _Claim, second: _Claim) -> Ruling:
    return Ruling(
        RULE,
        key,
        cause,
        stands=(document_of(first.since),),
        against=(document_of(second.since),),
        reaches=stores_of(first.store_id, second.store_id),
        detail=(("alias", second.member_id), ("survivor", survivor)),
    )
