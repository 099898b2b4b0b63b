"""The stable error codes of the HTTP interface, each with its status (docs/errors.md is this table)."""

from __future__ import annotations

from typing import ClassVar

from pos_core.errors import TidemarkError


class Refused(TidemarkError):
    """A request that is answered with `status` and `code`; subclasses are the whole list."""

    code = "refused"
    status: ClassVar[int] = 400
    advice: ClassVar[str] = ""
    """What a client does about it; one sentence, for docs/errors.md."""


class MalformedRequest(Refused):
    """The body or the query does not have the form that the interface document says."""

    code, status = "malformed_request", 400
    advice = "A defect of the client: do not repeat unchanged."


class SignatureMissing(Refused):
    """A request without the headers that sign it."""

    code, status = "signature_missing", 401
    advice = "Sign every request but health, CA, metrics and enrolment."


class BadSignature(Refused):
    """The signature does not fit the request, or nobody knows the workstation."""

    code, status = "bad_signature", 401
    advice = "Repeat once; then enrol again."


class ClockOutOfWindow(Refused):
    """`Tidemark-Created` is more than five minutes from the server's clock, or before its start."""

    code, status = "clock_out_of_window", 401
    advice = "Take `server_time_ms` of this answer, sign again, repeat."


class NonceReplayed(Refused):
    """The same nonce of the same workstation was seen within the window."""

    code, status = "nonce_replayed", 401
    advice = "Repeat with a new nonce."


class WorkstationRevoked(Refused):
    """Head office has revoked this workstation."""

    code, status = "workstation_revoked", 403
    advice = "Obey the signed order in `facts`: stop selling, destroy keys, keep the journal."


class NotYours(Refused):
    """The series, scope or file belongs to another workstation or store."""

    code, status = "not_yours", 403
    advice = "A defect of the client, or a workstation that was moved."


class BadChannelKey(Refused):
    """The channel key is not one of head office's, or is revoked."""

    code, status = "bad_channel_key", 401
    advice = "Ask head office for a new key."


class UnknownRelease(Refused):
    """There is no release of that version, or none in force at that instant."""

    code, status = "unknown_release", 404
    advice = "Ask without a release, or wait for the first one."


class BadBasket(Refused):
    """The basket does not fit its schema or contradicts itself; `facts`: path, problem."""

    code, status = "bad_basket", 422
    advice = "Correct the basket at that path."


class NotFound(Refused):
    """There is no such path, file or snapshot."""

    code, status = "not_found", 404
    advice = "For a snapshot: pull the feed from 0, or ask again later."


class MethodNotAllowed(Refused):
    """The path is there, but not with this method."""

    code, status = "method_not_allowed", 405
    advice = "A defect of the client."


class EpochChanged(Refused):
    """The cursor is of another epoch, or beyond the head: the server was restored."""

    code, status = "epoch_changed", 409
    advice = "Push again from the resume point; compare digests, then pull from 0."


class CursorTooOld(Refused):
    """The cursor is older than what the feed remembers of deletions (90 days)."""

    code, status = "cursor_too_old", 410
    advice = "Compare digests; where they differ pull from 0, or from a snapshot, in place of what is there."


class Gap(Refused):
    """The first document sent is not the one that follows what the server has."""

    code, status = "gap", 409
    advice = "Facts carry the resume point: send from there."


class Fork(Refused):
    """The series went another way at the server: a clone, or an old image. Both sides are kept."""

    code, status = "fork", 409
    advice = "Open a new incarnation; what was sent is kept in quarantine and counted."


class BodyTooLarge(Refused):
    """More bytes than the limit, before or after decompression."""

    code, status = "body_too_large", 413
    advice = "Send fewer documents."


class UpgradeRequired(Refused):
    """The client's program is too old to be told anything; documents are still taken from it."""

    code, status = "upgrade_required", 426
    advice = "Go on pushing; install a newer program. `facts`: oldest_served, newest."


class RangeNotSatisfiable(Refused):
    """A range outside the file."""

    code, status = "range_not_satisfiable", 416
    advice = "Fetch the file from its start."


class ChainBroken(Refused):
    """Documents whose `prev_hash` does not lead from one to the next; kept in quarantine."""

    code, status = "chain_broken", 422
    advice = "Verify the journal; open a new incarnation."


class BadHeadSignature(Refused):
    """The batch's signature does not fit its last hash: nothing was kept."""

    code, status = "bad_head_signature", 422
    advice = "Verify the journal and the signing key."


class CodeRefused(Refused):
    """An enrolment code that is unknown, used or expired: which of them is not said."""

    code, status = "code_refused", 403
    advice = "Ask for a new code."


class TooManyAttempts(Refused):
    """Too many wrong enrolment codes lately, or too many requests at once from one workstation."""

    code, status = "too_many_requests", 429
    advice = "Wait `retry_after_ms`."


class InternalError(Refused):
    """A defect of the server; its log has it under the nonce."""

    code, status = "internal_error", 500
    advice = "Repeat later with back-off."


class Unavailable(Refused):
    """The server is stopping, overloaded, or its disk is full."""

    code, status = "unavailable", 503
    advice = "Repeat later with back-off."


class SnapshotBuilding(Refused):
    """A file with the store's own rows is worth waiting for and is being built."""

    code, status = "snapshot_building", 503
    advice = (
        "Ask again after `retry_after_ms`, a minute or two in all; then start from the chain's snapshot and"
        " pull the store's feed."
    )
