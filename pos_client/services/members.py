"""Members at the till: found by phone through a keyed blind index, put on the basket, joined."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.views import BasketView, MemberView


class Members:
    """What the till may know and do about a member."""

    def find(self, phone: str) -> MemberView | None:
        """By full phone number (mainland 11 digits or +E.164). Refusal `bad_phone`."""
        raise NotImplementedError

    def attach(self, member_id: str) -> BasketView:
        """Put the member on the basket. Refusal `unknown_member`."""
        raise NotImplementedError

    def detach(self) -> BasketView:
        """Take the member off the basket."""
        raise NotImplementedError

    def join(self, phone: str, display_name: str, consents: dict[str, bool]) -> Future[MemberView]:
        """A new member: phone and name are sealed to head office before anything is stored."""
        raise NotImplementedError
