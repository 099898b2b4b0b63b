"""What can go wrong between workstation and server.

    SyncTrouble
    ├── ServerAway        no answer, or a gateway's error page: offline is the normal state
    │   └── TooSlow       a file trickles in
    ├── NotOurServer      an answer without our server's signature: a portal, a proxy, somebody else
    ├── BrokenAnswer      signed, but against the protocol: too large, cut, out of bounds
    │   └── TooManyBytes  a file does not end where it was said to
    ├── ServerRefused     a signed refusal; `facts["server_code"]` is the server's stable code
    ├── SeriesForked      the server holds another document under one of our numbers, or more than we have
    ├── StoppedByUs       the program ends or went offline by choice
    ├── WrongFingerprint  the CA is not the one that the enrolment code names
    ├── PeerRefused       another workstation's certificate is not good for this store; `facts["reason"]`
    ├── PeerAway          another workstation does not answer: the next try comes by itself
    ├── RevokedHere       head office revoked this workstation: its keys are destroyed, its journal is kept
    └── NotEnrolled       there is no workstation.json, or it cannot be read

None of these ever reaches a sale: the exchange ends, the state says so, the back-off runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.errors import Advice, Trouble


class SyncTrouble(Trouble):
    """Base; RETRY_LATER unless a subclass says otherwise."""

    code = "sync_trouble"
    advice = Advice.RETRY_LATER


class ServerAway(SyncTrouble):
    """No answer came."""

    code = "server_away"


class NotOurServer(SyncTrouble):
    """Somebody answered who does not hold our server's key."""

    code = "not_our_server"


class BrokenAnswer(SyncTrouble):
    """Our server's answer makes no sense; nothing of it was used."""

    code = "broken_answer"


class TooManyBytes(BrokenAnswer):
    """A file does not end where it was said to."""

    code = "too_many_bytes"


class TooSlow(ServerAway):
    """A file trickles in: nothing to wait for, and the exchange has more to do."""

    code = "too_slow"


class PeerRefused(SyncTrouble):
    """Another workstation is not spoken to; selling and the exchange with head office go on."""

    code = "peer_refused"


class PeerAway(SyncTrouble):
    """Another workstation of the store does not answer."""

    code = "peer_away"


class ServerRefused(SyncTrouble):
    """Our server said no. `server_code` and `server_facts` are its error body's."""

    code = "server_refused"

    def __init__(self, server_code: str, status: int, message: str, server_facts: Mapping[str, Any]) -> None:
        super().__init__(message, server_code=server_code, status=status)
        self.server_code = server_code
        self.status = status
        self.server_facts = server_facts


class EnrolmentRefused(ServerRefused):
    """The server takes this enrolment code no more, or never did: trying again later is no use."""

    advice = Advice.ASK_A_PERSON


class SeriesForked(SyncTrouble):
    """Our numbers went two ways: this machine was cloned or restored from an old image."""

    code = "series_forked"
    advice = Advice.ASK_A_PERSON


class PrunedBeyond(SyncTrouble):
    """Head office was restored to before what was pruned here, against what its backups promised.

    New sales go on in a new series; `acked` … `pruned` must come from head office's other backups.
    """

    code = "pruned_beyond"
    advice = Advice.ASK_A_PERSON


class StoppedByUs(SyncTrouble):
    """The exchange was cut short on purpose."""

    code = "stopped"


class WrongFingerprint(SyncTrouble):
    """The server's CA is not the one that the enrolment code names: do not type the code again here."""

    code = "wrong_fingerprint"
    advice = Advice.ASK_A_PERSON


class RevokedHere(SyncTrouble):
    """Head office revoked this workstation; `facts["revoked_at_ms"]`. Its documents wait for a rescue."""

    code = "revoked_here"
    advice = Advice.ASK_A_PERSON


class NotEnrolled(SyncTrouble):
    """This machine is no workstation yet."""

    code = "not_enrolled"
    advice = Advice.ASK_A_PERSON
