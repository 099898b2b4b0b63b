"""Members. Phones become indexes, masks and a sealed copy."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.customer.member import card_text, masked_name
from pos_core.ids import uuid7
from pos_core.sync.folds import State, StateKey
from sync_server.services.importing.cells import (
    code_cell,
    instant_cell,
    integer_cell,
    list_cell,
    phone_cell,
    text_cell,
)
from sync_server.services.importing.context import DEFAULT_ZONE, ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import Fault, FileState, ImportKind, Plan
from sync_server.services.importing.problems import CellError
from sync_server.services.member_months import tier_notes
from sync_server.services.personal_data import (
    blind_index,
    decrypt_personal,
    encrypt_personal,
    masked_phone,
    new_member_key,
    open_member_key,
    seal_member_key,
)
from sync_server.services.shared.consents import standing
from sync_server.services.shared.groups import groups_of
from sync_server.services.shared.member_pricing import KIND as PRICING_KIND
from sync_server.services.shared.member_pricing import orders_by_member, pricing_row
from sync_server.services.shared.member_pricing import rows_before as pricing_rows
from sync_server.services.shared.members import MemberRows
from sync_server.services.shared.opening import opening_points, phone_claims, said_here
from sync_server.services.shared.slices import points_of
from sync_server.store import erasure, fold_state, masters, member_card
from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow
from sync_server.store.member_card import MemberCard

_MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _text(text: str, _: ChainView) -> str:
    return text_cell(text)


def _phone(text: str, _: ChainView) -> str:
    return phone_cell(text)


def _points(text: str, _: ChainView) -> int:
    return integer_cell(text, low=-(10**9), high=10**12)


def _email(text: str, _: ChainView) -> str:
    if len(text) > 200 or not _MAIL.fullmatch(text):
        raise CellError("bad_email", "not a mail address")
    return text


def _birthday(text: str, _: ChainView) -> str:
    """ISO date; the year may be unknown to the shop and is then written 0000."""
    instant_cell(text.replace("0000", "2000", 1), "UTC")
    parts = [
        int(part)
        for part in text.replace("年", "-").replace("月", "-").strip("日").replace("/", "-").split("-")
    ]
    return f"{parts[0]:04d}-{parts[1]:02d}-{parts[2]:02d}"


def _consents(text: str, _: ChainView) -> dict[str, bool]:
    """Purposes that are agreed to; one behind a minus is refused, and a refusal beside a yes wins."""
    found: dict[str, bool] = {}
    for part in list_cell(text):
        purpose = part.lstrip("-").strip()
        if not purpose:
            raise CellError("bad_value", "a minus without a purpose")
        found[purpose] = not part.startswith("-") and found.get(purpose, True)
    return found


class Members(ImportKind):
    """Members. Each store of the member's scope gets its own blind index; nobody there gets the phone."""

    name = "members"
    fields = (
        Field("member_id", ("会员编号", "会员号", "会员卡号"), _code),
        Field("card_number", ("卡号", "实体卡号", "card"), _code),
        Field("phone", ("手机", "手机号", "手机号码", "电话"), _phone, required=True),
        Field("name", ("姓名", "会员姓名"), _text, default=""),
        Field("display_name", ("昵称", "显示名"), _text, default=""),
        Field("tier", ("等级", "会员等级"), _code, required=True),
        Field("home_store_id", ("所属门店", "门店编码", "门店", "store_id"), _code, required=True),
        Field("points_balance", ("积分", "积分余额", "points"), _points, default=0),
        Field("birthday", ("生日", "出生日期"), _birthday),
        Field("email", ("邮箱", "电子邮箱", "邮件"), _email),
        Field("consents", ("同意项", "授权"), _consents),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return (values["phone"],)

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        erased = erasure.erased_among(
            txn, [row.values["member_id"] for row in rows if row.values.get("member_id")]
        )
        tiers = {entry.get("code") for entry in chain.policies.get("member_tiers", [])}
        for row in rows:
            values = row.values
            if values["home_store_id"] not in chain.stores:
                yield row, "home_store_id", "unknown_reference", f"no store {values['home_store_id']}"
            if tiers and values["tier"] not in tiers:
                yield row, "tier", "unknown_reference", f"no tier {values['tier']} in policy member_tiers"
            member_id = values.get("member_id")
            if member_id in erased:
                yield row, "member_id", "member_erased", f"member {member_id} was erased"
            if (
                member_id is not None
                and state.line_of_key.setdefault(("id", member_id), row.line) != row.line
            ):
                yield row, "member_id", "duplicate_key", "the same member in an earlier row"
            card = values.get("card_number")
            if card is not None and state.line_of_key.setdefault(("card", card), row.line) != row.line:
                yield row, "card_number", "duplicate_key", "the same card in an earlier row"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        indexes = [blind_index(office.keys.member_index, row.values["phone"]) for row in rows]
        claims = fold_state.get(txn, [("phone_claims", f"hq:{index}") for index in indexes])
        by_phone = masters.member_ids_by_phone_index(txn, indexes)
        ids = [
            row.values.get("member_id") or by_phone.get(index) or _new_member_id(office.now_ms)
            for row, index in zip(rows, indexes, strict=True)
        ]
        known, member_keys = masters.members(txn, ids), masters.member_keys(txn, ids)
        numbers = [row.values["card_number"] for row in rows if row.values.get("card_number")]
        cards = {blind_index(office.keys.member_index, card_text(number)) for number in numbers}
        here = masters.member_rows(txn, sorted(known))
        planner = _MemberPlanner(
            office,
            chain,
            {key for _, key in claims},
            points=points_of(txn, ids),
            orders=orders_by_member(txn, ids, groups_of(txn, ids)),
            cards=member_card.of_members(txn, ids),
            owners=member_card.owners(txn, sorted(cards)),
            here=here,
            asked={scope: pricing_rows(txn, scope, sorted(found)) for scope, found in here.items()},
            profiles=fold_state.get(txn, [("member_profile", each) for each in ids]),
        )
        return [
            planner.plan(member_id, row.values, index, known.get(member_id), member_keys.get(member_id))
            for row, index, member_id in zip(rows, indexes, ids, strict=True)
        ]


_EDITED = ("birthday", "name", "phone")
"""Personal fields that a till can edit too."""
_KEPT = ("birthday", "email")


def _name(values: Values, known: Mapping[str, Any] | None) -> str:
    """His name: a file without the column leaves it as it is."""
    return str(values["name"] if "name" in values else (known or {}).get("name", ""))


def _kept(values: Values, known: Mapping[str, Any] | None) -> dict[str, str]:
    """Birthday and address: what a file without the column leaves as it is."""
    said = {name: values[name] if name in values else (known or {}).get(name) for name in _KEPT}
    return {name: str(value) for name, value in said.items() if value}


def _agreed(values: Values, old: MemberRow | None) -> dict[str, bool]:
    """A file without the column leaves all as it is; one with it leaves refusals that it does not name."""
    before: dict[str, bool] = {} if old is None else json.loads(old.consents)
    if "consents" not in values:
        return before
    stated: dict[str, bool] = values["consents"] or {}  # an empty cell says nothing
    return {purpose: False for purpose, given in before.items() if given is False} | stated


def _new_member_id(now_ms: int) -> str:
    return uuid7(now_ms, secrets.token_bytes(10))


class _MemberPlanner:
    """What a member's row changes: the sealed copy at head office, and one row per store of its scope."""

    def __init__(
        self,
        office: ImportTarget,
        chain: ChainView,
        claimed: Set[str],
        *,
        points: Mapping[str, int],
        orders: Mapping[str, int],
        cards: Mapping[str, MemberCard],
        owners: Mapping[str, str],
        here: Mapping[str, Mapping[str, list[Any]]],
        asked: Mapping[str, Mapping[str, list[Any]]],
        profiles: Mapping[StateKey, State],
    ) -> None:
        self._office = office
        self._chain = chain
        self._points = points
        self._orders = orders
        self._claimed = claimed
        self._opening = opening_points(office.keys, office.now_ms)
        self._claims = phone_claims(office.keys, office.now_ms)
        self._cards = cards
        self._owners = owners
        self._here, self._asked = here, asked
        self._profiles = profiles
        self._card_rows = MemberRows(office.keys).cards
        self._said = said_here(office.keys, office.now_ms)
        self._tiers = tier_notes(office.now_ms, chain.policies.get("time_zone", DEFAULT_ZONE))

    def plan(
        self,
        member_id: str,
        values: Values,
        phone_index: str,
        old: MemberRow | None,
        sealed_key: bytes | None,
    ) -> Plan:
        plan = Plan("created" if old is None else "unchanged")
        personal: dict[str, Any] = {"phone": values["phone"]}
        key = self._own_key(plan, member_id, sealed_key)
        ciphertext = old.personal if old is not None and sealed_key is not None else b""
        known = decrypt_personal(key, member_id, ciphertext) if ciphertext else None
        personal |= {"name": _name(values, known)} | _kept(values, known)
        birthday = personal.get("birthday")
        if known is not None and known != personal:
            names = {name for name in _EDITED if known.get(name, "") != personal.get(name, "")}
            if names:
                plan.after.append((self._said, (member_id, tuple(sorted(names)))))
        if known != personal:
            ciphertext = encrypt_personal(key, member_id, personal)  # another one at every import otherwise
        new = MemberRow(
            member_id,
            values["home_store_id"],
            values["tier"],
            values.get("points_balance", old.points_balance if old else 0),
            int(birthday[5:7]) if birthday else None,
            canonical_bytes(_agreed(values, old)).decode(),
            ciphertext,
            phone_index,
            old.known_since_ms if old else self._office.now_ms,
        )
        if new != old:
            plan.masters.append((masters.put_members, new))
        if old is None or new.tier != old.tier:
            plan.after.append((self._tiers, (member_id, new.tier)))
        brought = new.points_balance - (old.points_balance if old else 0)
        if brought:
            plan.after.append((self._opening, (member_id, brought)))
        if f"hq:{phone_index}" in self._claimed and (old is None or old.phone_index != phone_index):
            plan.after.append((self._claims, (member_id, new.home_store_id, f"hq:{phone_index}")))
        shown = values.get("display_name") or masked_name(personal["name"])
        if "display_name" not in values and known is not None:
            shown = self._chosen(member_id, masked_name(known.get("name", ""))) or shown
        self._store_rows(plan, new, {**values, "birthday": birthday, "display_name": shown}, old)
        self._card(plan, member_id, values.get("card_number"), key)
        if old is not None and (plan.masters or plan.rows or plan.deleted):
            plan.outcome = "changed"
        return plan

    def _chosen(self, member_id: str, masked: str) -> str | None:
        """What stores call him, where somebody chose it and it is not just his name with a mask."""
        shown = {str(rows[member_id][3]) for rows in self._here.values() if member_id in rows}
        return next(iter(shown - {masked, ""}), None)

    def _own_key(self, plan: Plan, member_id: str, sealed_key: bytes | None) -> bytes:
        """The member's own, which his card lies under too; a new one for who has none."""
        key = None if sealed_key is None else open_member_key(self._office.keys, sealed_key)
        if key is None:
            key = new_member_key()
            box = seal_member_key(self._office.keys, key)
            plan.masters.append((masters.put_member_keys, (member_id, box)))
        return key

    def _card(self, plan: Plan, member_id: str, number: str | None, key: bytes) -> None:
        """Gives the card out, and to the stores; without a number in the file he keeps what he has."""
        had = self._cards.get(member_id)
        if number is None and (had is None or not plan.rows):
            return
        touched = [member_id]
        if number is not None:
            index = blind_index(self._office.keys.member_index, card_text(number))
            if had is not None and had.card_index == index and not plan.rows:
                return
            if had is None or had.card_index != index:
                box = encrypt_personal(key, member_id, {"card": number})
                plan.masters.append((member_card.put, MemberCard(member_id, index, box)))
                touched += [owner for owner in (self._owners.get(index),) if owner is not None]
        plan.after += [(self._card_rows, each) for each in touched]

    def _store_rows(self, plan: Plan, new: MemberRow, values: Values, old: MemberRow | None) -> None:
        profile = self._profiles.get(("member_profile", new.member_id))
        consents = canonical_bytes(standing(new.consents, profile)).decode()
        scopes = {
            f"store:{store_id}": store_id for store_id in self._chain.stores_of_member(new.home_store_id)
        }
        for scope, store_id in scopes.items():
            row = [
                new.member_id,
                blind_index(self._office.keys.blind_index_key(store_id), values["phone"]),
                masked_phone(values["phone"]),
                values["display_name"],
                new.tier,
                self._points.get(new.member_id, 0),
                new.birthday_month,
                consents,
            ]
            if self._here.get(scope, {}).get(new.member_id) != row:
                plan.rows.append(("member", scope, row))
            asked = pricing_row(new.member_id, self._orders.get(new.member_id, 0), values.get("birthday"))
            if self._asked.get(scope, {}).get(new.member_id, [new.member_id, 0, None]) != asked:
                plan.rows.append((PRICING_KIND, scope, asked))
        if old is not None:
            # Stores where he only shopped keep him; a new home takes him out of the old one's.
            old_home = {f"store:{each}" for each in self._chain.stores_of_member(old.home_store_id)}
            here = {scope for scope, rows in self._here.items() if new.member_id in rows}
            gone = sorted((here & old_home) - set(scopes))
            plan.deleted = [
                (kind, scope, [new.member_id])
                for scope in gone
                for kind in ("member", "member_detail", PRICING_KIND)
            ]
