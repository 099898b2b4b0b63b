"""Members at the till: found by phone through a keyed blind index, put on the basket, joined."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace

from pos_client.journal.draft import PersonalFields, Recorded
from pos_client.journal.member_keys import erased_members
from pos_client.keys.sealing import seal
from pos_client.replica.coupons import count_good
from pos_client.replica.member_details import member_by_card, survivor_of
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.futures import done, then
from pos_client.services.members.joined import JoinedLately
from pos_client.services.members.member_editing import (
    Edit,
    EditedHere,
    checked_birthday,
    checked_name,
    consents_of,
    personal_of,
    said_in,
)
from pos_client.services.members.phone_index import blind_index, e164, keyed_index, masked
from pos_client.services.refusals.members import BadPhone, MemberExists, NothingToEdit, UnknownMember
from pos_client.services.staff.approvals import Action, Approvals, approval_drafts
from pos_client.services.views.members import MemberView
from pos_core.customer import member_code
from pos_core.customer import phone as phones
from pos_core.customer.member import CARD_CHARS_MAX, FIRST_TIER, Member, card_text, is_card_number
from pos_core.ids import uuid7
from pos_core.sale.manual import GivenApproval
from pos_core.sync.sealing import LABEL_PERSONAL


class Members:
    """What the till may know and do about a member.

    A member who joined here is known at once, before head office has confirmed: kept in memory and in
    the journal under the member's own key.
    """

    def __init__(
        self,
        counter: Counter,
        keeper: BasketKeeper,
        *,
        index_key: Callable[[], bytes],
        sealing_public_key: bytes,
        ask: Callable[[bytes], Future[bool]],
        approvals: Approvals,
    ) -> None:
        self._counter = counter
        self._keeper = keeper
        self._index_key = index_key
        self._sealing_public_key = sealing_public_key
        self._ask = ask
        self._approvals = approvals
        self._edited = EditedHere(counter)
        self._joined = JoinedLately(counter, self._edited)

    def find(self, text: str) -> MemberView | None:
        """By full phone number (mainland 11 digits or +E.164), card number or the QR code of his app.

        A card is found by its number, which is the member's at head office, or by its blind index. The QR
        code only says who it is: nothing is proven by it here. Raises NotSignedOn, BadPhone (neither).
        """
        self._counter.require_operator()
        if member_code.read_app_code(text.strip()) is not None:
            return self.shown(text)
        try:
            number = e164(text)
        except BadPhone:
            found = self.shown(text)
            if found is None:
                raise
            return found
        index = blind_index(self._index_key(), number)
        member = self._counter.replica.member_by_blind_index(index)
        if member is not None:
            return self._view(member)
        edited = self._edited.by_phone(index)
        return self._joined.by_index(index) if edited is None else self.known(edited)

    def shown(self, text: str) -> MemberView | None:
        """By what a member shows, his card or the code of his app: never by a number that he says."""
        self._counter.require_operator()
        code = member_code.read_app_code(text.strip())
        if code is not None:
            return self._survivor(str(code.payload["member_id"]))
        return self._by_card(text.strip())

    def find_anywhere(self, text: str) -> Future[MemberView | None]:
        """`find`, and where nobody is found here the whole chain through head office: by phone or card.

        Raises as `find`. The future fails with Trouble while head office is out of reach: nobody knows then
        whether the number belongs to a member of another region.
        """
        number = phones.e164(text)
        find = self.shown if number is None else self.find
        here = find(text)
        if here is not None:
            return done(here)
        if number is None and not is_card_number(text.strip()):
            raise BadPhone("neither a phone number nor a card")
        asked = card_text(text.strip()) if number is None else number
        sealed = seal(asked.encode(), self._sealing_public_key, label=LABEL_PERSONAL)
        return then(self._ask(sealed), lambda found: find(text) if found else None)

    def _by_id(self, member_id: str) -> MemberView | None:
        member = self._counter.replica.member(member_id)
        return None if member is None else self._view(member)

    def _by_card(self, number: str) -> MemberView | None:
        if not 0 < len(number) <= CARD_CHARS_MAX:
            return None
        index = keyed_index(self._index_key(), card_text(number))
        detail = self._counter.replica.read(lambda c: member_by_card(c, index))
        return self._survivor(number if detail is None else detail.member_id)

    def _survivor(self, member_id: str) -> MemberView | None:
        return self._by_id(self._counter.replica.read(lambda c: survivor_of(c, member_id)))

    def known(self, member_id: str) -> MemberView | None:
        """By id: who joined here lately, or who is in this store's slice."""
        return self._joined.here(member_id) or self._by_id(member_id) or self._joined.next_door(member_id)

    def attach(self, member_id: str) -> None:
        """Put the member on the basket. Raises UnknownMember and what scanning refuses."""
        counter = self._counter
        counter.require_scanning()
        view = self.known(member_id)
        if view is None:
            raise UnknownMember("no such member in this store's slice")
        counter.member = self._named(view)
        self._keep(member_id)

    def detach(self) -> None:
        """Take the member off the basket."""
        self._counter.require_scanning()
        self._counter.member = None
        self._keep(None)

    def join(self, phone: str, display_name: str, consents: Mapping[str, bool]) -> Future[MemberView]:
        """A new member. The full phone is sealed to head office before anything is stored: this till can

        write it and never read it back. Raises NotSignedOn, BadPhone, BadName, MemberExists.
        """
        counter = self._counter
        counter.require_operator()
        number = e164(phone)
        name = checked_name(display_name)
        index = self._free_index(number)
        member_id = uuid7(counter.time.now_ms(), secrets.token_bytes(10))
        view = MemberView(member_id, name, masked(number), FIRST_TIER, 0)
        sealed = seal(number.encode(), self._sealing_public_key, label=LABEL_PERSONAL)
        personal = PersonalFields(
            member_id,
            {
                "masked_phone": view.masked_phone,
                "display_name": name,
                "blind_index": index,
                "sealed_phone": base64.b64encode(sealed).decode(),
            },
        )
        body = {
            "member_id": member_id,
            "tier": FIRST_TIER,
            "consents": consents_of(consents),
        }
        draft = counter.draft("member_joined", body, personal=personal)

        def joined() -> MemberView:
            self._joined.add(index, view)
            return view

        return then(counter.record([draft]), lambda _: joined())

    def edit(
        self,
        member_id: str,
        *,
        display_name: str | None = None,
        birthday: str | None = None,
        phone: str | None = None,
        consents: Mapping[str, bool] | None = None,
        approval: str | None = None,
    ) -> Future[MemberView]:
        """What the member says is different; None stays as it is. Another phone needs a second person, who

        has seen that it is he. Raises NotSignedOn, UnknownMember, BadName, BadBirthday, BadPhone,
        MemberExists (the phone is another's), NothingToEdit, ApprovalNeeded.
        """
        counter = self._counter
        edit = self.checked(
            member_id, display_name=display_name, birthday=birthday, phone=phone, consents=consents
        )
        number = edit.phone
        index = "" if number is None else self._free_index(number)
        before: tuple[GivenApproval, ...] = ()
        if number is not None:
            action = Action("other", subject=f"member_phone/{member_id}/{index}")
            given = self._approvals.let(action, approval, "member_phone", by_another=True)
            before = () if given is None else (given,)
        masked_phone = "" if number is None else masked(number)
        box = edit.box(self._sealing_public_key, masked_phone=masked_phone, index=index)
        body = edit.body(member_id)
        draft = counter.draft("member_edited", body, personal=personal_of(member_id, box))

        def edited(recorded: Recorded) -> MemberView:
            self._edited.add(recorded.series.incarnation, recorded.number, member_id, said_in(body, box))
            view = self.known(member_id)
            assert view is not None
            if counter.member is not None and counter.member.member_id == member_id:
                counter.member = self._named(view)
            return view

        return then(counter.record([*approval_drafts(counter, before), draft]), lambda made: edited(made[-1]))

    def checked(
        self,
        member_id: str,
        *,
        display_name: str | None = None,
        birthday: str | None = None,
        phone: str | None = None,
        consents: Mapping[str, bool] | None = None,
    ) -> Edit:
        """What `edit` would write; nothing is written. Raises as `edit`, but for ApprovalNeeded."""
        self._counter.require_operator()
        if self.known(member_id) is None:
            raise UnknownMember("no such member in this store's slice")
        edit = Edit(
            None if display_name is None else checked_name(display_name),
            None if birthday is None else checked_birthday(birthday, self._counter.business_day()),
            None if phone is None else e164(phone),
            consents_of(consents or {}),
        )
        if edit.is_empty:
            raise NothingToEdit("nothing changes")
        if edit.phone is not None:
            self._free_index(edit.phone)
        return edit

    def consents(self, member_id: str) -> dict[str, bool | None]:
        """What the member answered to each purpose that a till asks for; None: was never asked."""
        row = self._counter.replica.member(member_id)
        known = {**(row.consents if row is not None else {}), **self._edited.consents(member_id)}
        return {purpose: known.get(purpose) for purpose in self._counter.rules.consents}

    def _free_index(self, number: str) -> str:
        """The blind index of a number (+E.164) that nobody has here. Raises MemberExists."""
        index = blind_index(self._index_key(), number)
        taken = self._joined.by_index(index) or self._counter.replica.member_by_blind_index(index)
        if taken or self._edited.by_phone(index) is not None:
            raise MemberExists("this phone belongs to a member")
        return index

    def restore(self) -> None:
        """After a restart: the member on the basket that was kept."""
        counter = self._counter
        member_id = counter.basket.member_id
        if member_id is not None:
            member = counter.replica.member(member_id)
            counter.member = None if member is None else self._view(member)

    def _view(self, member: Member) -> MemberView:
        points = self._counter.shared.points_of(member.member_id)
        view = MemberView(member.member_id, member.display_name, member.masked_phone, member.tier, points)
        month = int(self._counter.business_day()[5:7])
        view = self._edited.laid_over(self._named(view))
        born_now = member.birthday_month == month
        now_ms, replica = self._counter.time.instant_ms(), self._counter.replica
        coupons = replica.read(lambda c: count_good(c, member.member_id, now_ms))
        return replace(view, is_birthday_month=born_now, coupon_count=coupons)

    def _named(self, view: MemberView) -> MemberView:
        """With the chain's name of the tier."""
        name, name_en = self._counter.rules.tier_names.get(view.tier, (view.tier, view.tier))
        return replace(view, tier_name=name, tier_name_en=name_en)

    def erased(self) -> list[tuple[str, int]]:
        """Members whose data was destroyed here on head office's order: id and when, newest first."""
        return self._counter.journal.read(erased_members)

    def _keep(self, member_id: str | None) -> None:
        counter = self._counter
        counter.basket = counter.basket.with_member(member_id)
        if not counter.basket.is_empty:
            self._keeper.keep(counter.basket)
