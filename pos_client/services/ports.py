"""What the services ask of the layers below, as far as it must be replaceable in a test.

The journal and sync are named by what the services call; the replica is used as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pos_client.journal.draft import Draft, Head, Recorded
from pos_client.journal.time_guard import ClockJump
from pos_client.peers.store import PeerStore
from pos_client.services.views.status import NetworkState
from pos_client.storage.connection import Connection
from pos_client.sync.errors import PeerAway
from pos_core.sync.authorisation_messages import (
    AuthorisationAnswer,
    AuthorisationQuestion,
    MemberCodeAnswer,
    MemberCodeQuestion,
)
from pos_core.sync.document import Series
from pos_core.sync.receipt_messages import ReceiptAnswer, ReceiptQuestion
from pos_core.sync.stock_messages import MovementsAnswer, MovementsQuestion, StockAnswer, StockQuestion

if TYPE_CHECKING:
    from pos_core.sync.peer_messages import HeldOffer

T = TypeVar("T")


class JournalPort(Protocol):
    """See `pos_client.journal`."""

    witness_state: str
    unwitnessed: list[Recorded]

    def record(
        self, drafts: Sequence[Draft], *, also: Callable[[Connection], Any] | None = None
    ) -> Future[list[Recorded]]:
        """One durable transaction; the future resolves after COMMIT and the witness."""
        ...

    def read(self, query: Callable[[Connection], T]) -> T:
        """A read on a snapshot."""
        ...

    def change(self, work: Callable[[Connection], T]) -> Future[T]:
        """A transaction without a document."""
        ...

    @property
    def series(self) -> Series:
        """The series that documents go into now."""
        ...

    def public_key(self) -> str:
        """Base64 of the workstation's Ed25519 public key."""
        ...

    def sign_statement(self, statement: bytes) -> bytes:
        """The workstation's signature over a statement that begins with its own label."""
        ...

    def documents_waiting(self) -> int:
        """Documents that the server has not acknowledged."""
        ...

    def head(self) -> Head:
        """The end of the chain."""
        ...

    def documents_after(self, number: int, *, limit: int) -> list[Recorded]:
        """Documents of the present series, oldest first."""
        ...

    def give_up_ballast(self) -> bool:
        """Frees the reserve on a full disk; True when that gave room."""
        ...

    def last_of_type(self, kind: str) -> Recorded | None:
        """The newest document of a type."""
        ...


class TimePort(Protocol):
    """The workstation's guarded time."""

    def now_ms(self) -> int:
        """Wall time as it is."""
        ...

    def monotonic_ms(self) -> int:
        """Only measures."""
        ...

    def instant_ms(self) -> int:
        """The instant that counts for validity: never below what was heard or written last."""
        ...

    def observe(self) -> ClockJump | None:
        """The wall clock's jump since the last call, once."""
        ...

    def recorded(self, occurred_at_ms: int) -> None:
        """A document was written."""
        ...

    def confirm(self) -> None:
        """A manager says that the clock is right."""
        ...

    def keep_if_changed(self, connection: Connection) -> None:
        """Write what must survive a restart, inside the caller's transaction."""
        ...


class SyncState(Protocol):
    """How sync is."""

    @property
    def network(self) -> NetworkState:
        """How the network is."""
        ...

    @property
    def busy(self) -> bool:
        """True while an exchange runs."""
        ...

    @property
    def last_contact_ms(self) -> int | None:
        """When the server last answered."""
        ...

    @property
    def last_error(self) -> str | None:
        """Stable code of what went wrong last."""
        ...


class SyncPort(Protocol):
    """The sync engine, as far as an operator may steer it."""

    @property
    def state(self) -> SyncState:
        """How sync is now."""
        ...

    def request_now(self) -> Future[Any]:
        """Run one exchange on sync's own thread."""
        ...

    def ask_receipts(self, question: ReceiptQuestion) -> Future[ReceiptAnswer]:
        """Receipts that head office knows; fails with a Trouble, within seconds."""
        ...

    def ask_stock(self, question: StockQuestion) -> Future[StockAnswer]:
        """An item in the stores around; fails with a Trouble, at once while out of reach."""
        ...

    def ask_movements(self, question: MovementsQuestion) -> Future[MovementsAnswer]:
        """Rows of an item's stock card at this store; fails as `ask_stock`."""
        ...

    def ask_authorisation(self, question: AuthorisationQuestion) -> Future[AuthorisationAnswer]:
        """An amount of one account; fails with a Trouble, within seconds."""
        ...

    def ask_member_code(self, question: MemberCodeQuestion) -> Future[MemberCodeAnswer]:
        """Whether it is the member's code; fails with a Trouble, within seconds."""
        ...

    def nudge(self) -> None:
        """A document was recorded: push soon. Only notes the wish."""
        ...

    def look_up_member(self, sealed_phone: bytes) -> Future[bool]:
        """Ask head office for a member; True: his rows are in the replica now. Fails with Trouble."""
        ...

    def go_offline(self) -> None:
        """Stay away."""
        ...

    def go_online(self) -> None:
        """Come back."""
        ...

    def on_change(self, listener: Callable[[Any], Any], /) -> None:
        """Tell when the state changed; called on any thread."""
        ...


class PeersPort(Protocol):
    """The other workstations of this store, as the local network shows them."""

    @property
    def store(self) -> PeerStore | None:
        """What they said; None where nobody is listened to."""
        ...

    def seen(self) -> Sequence[SeenPeer]:
        """Those that are there now."""
        ...

    def heard(self) -> Sequence[HeardPeer]:
        """Those that were heard of since the start."""
        ...

    def live(self) -> Mapping[tuple[str, int], int]:
        """`(workstation, incarnation)` → number: everything of it up to there is known, as of just now."""
        ...

    def own_certificate_ends_ms(self) -> int | None:
        """Of what this workstation shows them; None: it has none, or no network."""
        ...

    def bring_basket(self, workstation_id: str, held_id: str) -> Future[None]:
        """A basket on hold there, to be on hold here; fails with a Trouble within seconds.

        Whether it came, this workstation's own list says then.
        """
        ...

    def bring_coupon(self, allowance_id: str, coupon_id: str) -> None:
        """Ask them for a leased coupon; returns at once. The own allowances say then whether it came."""
        ...

    def bring_units(self, purpose: str, units: int) -> Future[int]:
        """Ask them for parts of their allowances; resolves within seconds with how many came."""
        ...

    def on_change(self, listener: Callable[[], object], /) -> None:
        """Tell when they come or go or said something new; called on any thread."""
        ...

    def on_healed(self, listener: Callable[[], object], /) -> None:
        """Tell when documents came back that this journal had lost; called on any thread."""
        ...


class SeenPeer(Protocol):
    """One of them."""

    @property
    def workstation_id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """What its operators call it."""
        ...

    @property
    def held(self) -> Sequence[HeldOffer]:
        """Baskets on hold there."""
        ...


class HeardPeer(Protocol):
    """One that was heard of, there now or not."""

    @property
    def workstation_id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """What its operators call it."""
        ...

    @property
    def silent_ms(self) -> int:
        """Since it was heard last."""
        ...

    @property
    def is_there(self) -> bool:
        """Within some seconds."""
        ...

    @property
    def certificate_ends_ms(self) -> int:
        """The end of what it shows."""
        ...

    @property
    def held_count(self) -> int:
        """Baskets on hold there."""
        ...


class NoPeers:
    """A workstation by itself."""

    store: PeerStore | None = None

    def seen(self) -> Sequence[SeenPeer]:
        """Nobody."""
        return ()

    def heard(self) -> Sequence[HeardPeer]:
        """Nobody."""
        return ()

    def live(self) -> Mapping[tuple[str, int], int]:
        """Nothing."""
        return {}

    def own_certificate_ends_ms(self) -> int | None:
        """None."""
        return None

    def bring_basket(self, workstation_id: str, held_id: str) -> Future[None]:
        """Nobody has one."""
        future: Future[None] = Future()
        future.set_exception(PeerAway("no other workstation"))
        return future

    def bring_coupon(self, allowance_id: str, coupon_id: str) -> None:
        """Nobody has it."""

    def bring_units(self, purpose: str, units: int) -> Future[int]:
        """Nobody has any."""
        future: Future[int] = Future()
        future.set_result(0)
        return future

    def on_change(self, listener: Callable[[], object], /) -> None:
        """Nothing changes."""

    def on_healed(self, listener: Callable[[], object], /) -> None:
        """Nobody kept anything."""
