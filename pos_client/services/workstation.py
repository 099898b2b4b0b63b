"""All services of one workstation: what a front end is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pos_client.services.find_item import FindItem
from pos_client.services.members import Members
from pos_client.services.payment import Payment
from pos_client.services.printing import Printing
from pos_client.services.ring_up import RingUp
from pos_client.services.session import Session
from pos_client.services.shift import ShiftService
from pos_client.services.status import Status
from pos_client.services.sync import Sync
from pos_client.services.till import Till


@dataclass(frozen=True)
class Workstation:
    """The services, wired by `pos_client.bootstrap.open_workstation`. Call them on one thread."""

    session: Session
    shift: ShiftService
    ring_up: RingUp
    payment: Payment
    find_item: FindItem
    members: Members
    printing: Printing
    till: Till
    status: Status
    sync: Sync
    close: Callable[[], None]
