"""Why a release is not taken: one class and one code for each way to slip a workstation a wrong one."""

from __future__ import annotations

from pos_core.errors import Refusal


class ReleaseRefused(Refusal):
    """A release is not taken; what was applied before keeps selling. Each reason is a class of its own."""

    code = "release_refused"


class MalformedManifest(ReleaseRefused):
    """No canonical JSON, a field is missing or of another type, or too large."""

    code = "release_malformed"


class BadSignature(ReleaseRefused):
    """No key that this workstation knows has signed it."""

    code = "release_bad_signature"


class BelowThreshold(ReleaseRefused):
    """Pricing keys have signed, but fewer than the root asks: a stolen key alone is not enough."""

    code = "release_below_threshold"


class WithdrawnKey(ReleaseRefused):
    """Signed by a key that an earlier root let price and the present one does not."""

    code = "release_key_withdrawn"


class WrongChain(ReleaseRefused):
    """Signed for another chain."""

    code = "release_wrong_chain"


class WrongScope(ReleaseRefused):
    """Signed for another scope than this workstation's."""

    code = "release_wrong_scope"


class VersionNotRising(ReleaseRefused):
    """Not newer than what is here: a rollback."""

    code = "release_version_not_rising"


class FastForward(ReleaseRefused):
    """So far ahead that no honest release could follow it."""

    code = "release_fast_forward"


class VersionMismatch(ReleaseRefused):
    """The feed calls it by another version than was signed."""

    code = "release_version_mismatch"


class ForkedVersion(ReleaseRefused):
    """The version that is here, with another content: two histories."""

    code = "release_forked"


class WrongPrevious(ReleaseRefused):
    """It does not follow the release that is here: mix-and-match, or one is missing in between."""

    code = "release_wrong_previous"


class ExpiredRelease(ReleaseRefused):
    """Past its date and never applied here: a freeze. An applied one keeps selling."""

    code = "release_expired"


class NeedsNewerApp(ReleaseRefused):
    """Made for a newer program."""

    code = "release_needs_newer_app"
