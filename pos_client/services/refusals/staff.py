"""Refused to whoever stands here: signing on, PINs, roles, approvals, reasons, other people's locks."""

from __future__ import annotations

from pos_core.errors import InvalidInput, Refusal


class NotAllowed(Refusal):
    """The operator's role does not allow this."""

    code = "not_allowed"


class NotSignedOn(Refusal):
    """Nobody is signed on."""

    code = "not_signed_on"


class AlreadySignedOn(Refusal):
    """Somebody is signed on; `facts["operator_number"]`."""

    code = "already_signed_on"


class UnknownOperator(Refusal):
    """No active employee of this store has that number."""

    code = "unknown_operator"


class WrongPin(Refusal):
    """The PIN is wrong; `facts["attempts_left"]` before a lock (0 = locked now)."""

    code = "wrong_pin"


class LockedOut(Refusal):
    """Too many wrong PINs; `facts["seconds"]` to wait."""

    code = "locked_out"


class ApprovalNeeded(Refusal):
    """A second person must approve: `facts["approval"]` names the request, `kind` and figures say what."""

    code = "approval_needed"


class OwnApproval(Refusal):
    """Nobody approves himself."""

    code = "own_approval"


class ApproverLimit(Refusal):
    """The second person may not do it either; `facts["role"]`."""

    code = "approver_limit"


class ApprovalGone(Refusal):
    """The request was given up, used, or is somebody else's."""

    code = "approval_gone"


class PinTooShort(InvalidInput):
    """Fewer digits than `facts["minimum"]`, or not digits."""

    code = "pin_too_short"


class ReasonRequired(InvalidInput):
    """An audit row needs a reason."""

    code = "reason_required"


class UnknownReason(InvalidInput):
    """The chain has no reason `facts["reason_code"]` for this."""

    code = "unknown_reason"


class OperatorLocked(Refusal):
    """A manager, or head office (`facts["head_office"]`), has locked this number."""

    code = "operator_locked"


class OwnCredential(Refusal):
    """Nobody locks, unlocks or resets himself."""

    code = "own_credential"


class CredentialAbove(Refusal):
    """An equal, or somebody above: his `facts["role"]` is not below the operator's."""

    code = "credential_above"


class LockedByHeadOffice(Refusal):
    """Head office lifts its own lock alone."""

    code = "locked_by_head_office"


class PinsDiffer(InvalidInput):
    """A new PIN was typed twice and not the same."""

    code = "pins_differ"
