"""The console's roles, and which of them may do what."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """A user has one or more."""

    MERCHANDISER = "merchandiser"
    MARKETER = "marketer"
    APPROVER = "approver"
    AUDITOR = "auditor"
    REGIONAL_MANAGER = "regional_manager"
    ADMINISTRATOR = "administrator"


_M, _K, _A, _U, _R, _D = Role

EVERYBODY = frozenset(Role)
PERMISSIONS: dict[str, frozenset[Role]] = {
    "home.view": EVERYBODY,
    "prices.view": EVERYBODY,
    "prices.edit": frozenset({_M}),
    "prices.approve": frozenset({_A}),
    "prices.publish": frozenset({_M, _A}),
    "promotions.view": EVERYBODY,
    "promotions.edit": frozenset({_K}),
    "promotions.approve": frozenset({_A}),
    "promotions.publish": frozenset({_K, _A}),
    "campaigns.view": EVERYBODY,
    "campaigns.edit": frozenset({_K}),
    "campaigns.approve": frozenset({_A}),
    "campaigns.issue": frozenset({_K}),
    "campaigns.stop": frozenset({_K, _A}),
    "campaigns.keys": frozenset({_D}),
    "replay.view": frozenset({_M, _K, _A, _U}),
    "replay.run": frozenset({_M, _K, _A}),
    "rollout.view": EVERYBODY,
    "rollout.control": frozenset({_M, _A}),
    "exceptions.view": frozenset({_A, _U, _R, _D}),
    "exceptions.decide": frozenset({_A, _R, _D}),
    "exceptions.block": frozenset({_A, _D}),
    "exceptions.members": frozenset({_A, _D}),
    "exceptions.release": frozenset({_D}),
    "watch.view": frozenset({_A, _U, _R, _D}),
    "shifts.view": frozenset({_A, _U, _R, _D}),
    "sales.view": EVERYBODY,
    "effects.view": EVERYBODY - {_R},
    "stock.view": EVERYBODY,
    "stock.transfer": frozenset({_M, _R}),
    "stock.order": frozenset({_M, _R}),
    "documents.view": EVERYBODY,
    "members.view": frozenset({_A, _U, _D}),
    "members.unmask": frozenset({_A, _D}),
    "members.change": frozenset({_D}),
    "members.export": frozenset({_K, _D}),
    "members.exports": frozenset({_K, _A, _U, _D}),
    "members.approve": frozenset({_A}),
    "members.log": frozenset({_A, _U, _D}),
    "notices.view": frozenset({_K, _A, _U, _D}),
    "notices.edit": frozenset({_K}),
    "notices.send": frozenset({_K}),
    "notices.approve": frozenset({_A}),
    "notices.control": frozenset({_K, _A, _D}),
    "notices.channels": frozenset({_D}),
    "posters.change": frozenset({_K, _D}),
    "fleet.view": frozenset({_U, _R, _D}),
    "fleet.change": frozenset({_D}),
    "policies.view": frozenset({_M, _A, _U, _D}),
    "policies.change": frozenset({_D}),
    "policies.approve": frozenset({_A}),
    "policies.refuse": frozenset({_A, _D}),
    "system.view": frozenset({_U, _D}),
    "system.change": frozenset({_D}),
    "audit.view": frozenset({_U, _D}),
    "audit.export": frozenset({_U}),
    "users.view": frozenset({_U, _D}),
    "users.change": frozenset({_D}),
}
"""Permission → roles. Whoever has `_R` alone sees his region: a page that grants it must filter."""


def may(roles: Iterable[str], permission: str) -> bool:
    """Does one of the roles grant it."""
    return not PERMISSIONS[permission].isdisjoint(roles)


def whole_chain(roles: Iterable[str], permission: str) -> bool:
    """True when a role other than regional manager grants it: nothing is filtered then."""
    return not (PERMISSIONS[permission] - {Role.REGIONAL_MANAGER}).isdisjoint(roles)
