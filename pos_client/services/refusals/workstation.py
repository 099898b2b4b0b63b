"""Refused by the workstation as it stands: revoked, not complete, training, no place to write."""

from __future__ import annotations

from pos_core.errors import Advice, Refusal, Trouble


class RevokedHere(Refusal):
    """Head office revoked this workstation: nothing is sold here any more."""

    code = "revoked_here"


class NoRelease(Refusal):
    """Head office has published nothing to this workstation yet: there are no prices."""

    code = "no_release"


class ReplicaIncomplete(Refusal):
    """The first download is not complete: selling on half of it is refused."""

    code = "replica_incomplete"


class NotSaved(Trouble):
    """A file for a person could not be written; `facts["path"]`."""

    code = "not_saved"
    advice = Advice.RETRY


class SimulatorNotAllowed(Refusal):
    """A simulated device in a chain whose policy does not allow simulators."""

    code = "simulator_not_allowed"


class InTraining(Refusal):
    """Not while training."""

    code = "in_training"


class TrainingUnavailable(Refusal):
    """This workstation has no place for a training journal."""

    code = "training_unavailable"
