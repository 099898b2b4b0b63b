"""Refused of members: finding one, joining, changing, and proving that the shopper is the member."""

from __future__ import annotations

from pos_core.errors import InvalidInput, Refusal


class BadPhone(InvalidInput):
    """Not a phone number; the number itself is never a fact."""

    code = "bad_phone"


class BadName(InvalidInput):
    """A name that is empty or too long."""

    code = "bad_name"


class BadBirthday(InvalidInput):
    """No day of the calendar, or none on which somebody who shops today was born."""

    code = "bad_birthday"


class NothingToEdit(InvalidInput):
    """An edit that changes nothing."""

    code = "nothing_to_edit"


class UnknownMember(Refusal):
    """No member of this store's slice."""

    code = "unknown_member"


class MemberExists(Refusal):
    """The phone belongs to a member already."""

    code = "member_exists"


class MemberNotProven(Refusal):
    """Points and stored value need the member's own code first."""

    code = "member_not_proven"


class MemberFrozen(Refusal):
    """Head office froze the account: it earns, and nothing of it is spent."""

    code = "member_frozen"


class NoMember(Refusal):
    """There is no member on the basket."""

    code = "no_member"


class BadMemberCode(Refusal):
    """Not digits that can be a member's code; `facts["minimum"]`."""

    code = "bad_member_code"


class MemberCodeUnknown(Refusal):
    """This store holds no code of the member: the app's code, head office online, or a manager."""

    code = "member_code_unknown"


class WrongMemberCode(Refusal):
    """Not the member's code; `facts["attempts_left"]` before a lock (0 = locked now)."""

    code = "wrong_member_code"


class MemberCodeLocked(Refusal):
    """Too many wrong codes; `facts["seconds"]` to wait."""

    code = "member_code_locked"
