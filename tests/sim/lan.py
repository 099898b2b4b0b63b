"""The local network between workstations: real TLS, real frames and real ends; only the cable is simulated.

Nobody speaks by himself. Whoever asks gets his answer before the run goes on, or what the cable made of it.
"""

from __future__ import annotations

import random
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from cryptography import x509

from pos_client.sync.errors import PeerAway
from pos_client.sync.peers.caller import Address, Dial
from pos_client.sync.peers.link import Link
from pos_client.sync.peers.listener import answer_one
from pos_client.sync.peers.net import PeerNet
from pos_core.clock import Clock
from pos_core.errors import TidemarkError
from pos_core.sync.peer_messages import PeerAnswer
from tests.sim.broken import Broken

T = TypeVar("T")
PORT = 7433
FAULTS = ("drop_question", "drop_answer", "cut_answer", "garble_question", "garble_answer")
_TIME_IS_OURS = 0x20_0000
"""X509_V_FLAG_NO_CHECK_TIME: OpenSSL would ask this computer's clock; `_in_time` asks the machine's."""


class Machine(Protocol):
    """What the network sees of a workstation."""

    name: str
    clock: Clock

    @property
    def net(self) -> PeerNet | None:
        """None: the machine is off, or speaks to nobody."""
        ...


def address_of(name: str) -> Address:
    return name, PORT


@dataclass
class Lan:
    """Cables between machines, by name. `rate` of all questions suffer a fault.

    Attributes:
        before_answer: called when the other end has done its work and who asked has not heard; may raise.
        said: (who asked, who answered) → the answers, in order, that left that end.
    """

    dice: random.Random
    rate: float = 0.0
    cut: set[frozenset[str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    before_answer: Callable[[], None] = lambda: None
    said: dict[tuple[str, str], list[PeerAnswer]] = field(default_factory=dict)
    _machines: dict[str, Machine] = field(default_factory=dict)
    _cables: list[Cable] = field(default_factory=list)

    def plug_in(self, machine: Machine) -> Dial:
        """How this machine reaches the others from now on."""
        self._machines[machine.name] = machine
        return lambda address, context: self._call(machine, address[0], context)

    def hang_up(self, name: str) -> None:
        """A machine went off: nobody holds a connection to it any more."""
        for cable in self._cables:
            if name in cable.ends:
                cable.broken = True
        self._cables = [each for each in self._cables if not each.broken]

    def carries(self, one: str, other: str) -> bool:
        """Whether a question would arrive now."""
        there = self._machines.get(other)
        return there is not None and there.net is not None and frozenset((one, other)) not in self.cut

    def fault(self) -> str:
        """What happens to the next question or its answer."""
        found = self.dice.choice(FAULTS) if self.dice.random() < self.rate else "none"
        self.counts[found] += 1
        return found

    def answerer(self, name: str) -> PeerNet:
        """Raises PeerAway."""
        machine = self._machines.get(name)
        if machine is None or machine.net is None:
            raise PeerAway("nobody there")
        return machine.net

    def _call(self, near: Machine, name: str, context: ssl.SSLContext) -> Link:
        if not self.carries(near.name, name):
            raise PeerAway("no way there")
        answering = self.answerer(name)._gate.context(listening=True)
        if answering is None:
            raise PeerAway("it listens to nobody")
        cable = Cable(self, near, self._machines[name], _untimed(context), _untimed(answering))
        self._cables.append(cable)
        cable.shake_hands()
        return Link(cable.near)  # type: ignore[arg-type]


class Plug:
    """One end of a cable, in the place of a TLS socket."""

    def __init__(self, cable: Cable, context: ssl.SSLContext, *, listening: bool) -> None:
        self._cable = cable
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=listening)
        self.wait: Callable[[], None] = self._nothing_comes

    def sendall(self, data: bytes) -> None:
        """Raises OSError."""
        self._cable.require()
        self.tls.write(data)

    def recv(self, most: int) -> bytes:
        """What came; waits for the other end where nothing did. Raises OSError."""
        while True:
            self._cable.require()
            try:
                return self.tls.read(most)
            except ssl.SSLWantReadError:
                self.wait()

    def settimeout(self, seconds: float) -> None:
        """Time is the run's."""

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        """DER of what the other end showed."""
        return self.tls.getpeercert(binary_form=True) if binary_form else None

    def shutdown(self, how: int) -> None:
        """Both ends hear it."""
        self._cable.broken = True

    def close(self) -> None:
        """The same."""
        self._cable.broken = True

    @staticmethod
    def _nothing_comes() -> None:
        raise TimeoutError("nothing came")


class Cable:
    """A connection: the end that called, `near`, and the one that listens."""

    def __init__(
        self, lan: Lan, caller: Machine, listener: Machine, near: ssl.SSLContext, far: ssl.SSLContext
    ) -> None:
        self._lan = lan
        self._machines = caller, listener
        self.ends = (caller.name, listener.name)
        self.broken = False
        self.near, self.far = Plug(self, near, listening=False), Plug(self, far, listening=True)
        self._far_link = _Heard(self.far, lan.said.setdefault(self.ends, []))
        self.near.wait = self._to_far_and_back

    def require(self) -> None:
        """Raises OSError when this connection is of no more use."""
        if self.broken or not self._lan.carries(*self.ends):
            self.broken = True
            raise ConnectionResetError("the connection is gone")

    def shake_hands(self) -> None:
        """Raises PeerAway."""
        left = {self.near, self.far}
        try:
            while left:
                for plug, other in ((self.near, self.far), (self.far, self.near)):
                    if plug in left and _shaken(plug):
                        left.discard(plug)
                    other.incoming.write(plug.outgoing.read())
            for plug, machine in zip((self.far, self.near), self._machines, strict=True):
                shown = plug.getpeercert(binary_form=True)
                if shown is None or not _in_time(shown, machine.clock):
                    raise ssl.SSLError("certificate has expired or is not yet valid")
        except (OSError, ValueError) as error:
            self.broken = True
            raise PeerAway(f"{type(error).__name__}: {error}") from error

    def _to_far_and_back(self) -> None:
        """The question goes out, the other end works, its answer comes back: as far as the cable lets it."""
        lan, fault = self._lan, self._lan.fault()
        question = self.near.outgoing.read()
        if fault == "drop_question" or not question:
            raise TimeoutError("nothing came")
        self.far.incoming.write(_garbled(question, lan.dice) if fault == "garble_question" else question)
        self._answer()
        lan.before_answer()
        answer = self.far.outgoing.read()
        if fault == "drop_answer":
            raise TimeoutError("nothing came")
        if fault == "cut_answer":
            answer = answer[: len(answer) // 2]
        self.near.incoming.write(_garbled(answer, lan.dice) if fault == "garble_answer" else answer)
        if fault == "cut_answer":
            self.near.wait = Plug._nothing_comes

    def _answer(self) -> None:
        """As `Listener` does it for each of its callers: trouble costs the connection, a defect the run."""
        net = self._lan.answerer(self.ends[1])
        try:
            answer_one(self._far_link, net._gate, net._desk, net._asked)
        except (TidemarkError, OSError) as error:
            self._lan.counts[getattr(error, "code", "tls")] += 1
            self.broken = True
            raise ConnectionResetError("it hung up") from error
        except Exception as error:
            raise Broken(f"P18: a defect in {self.ends[1]}: {error!r}") from error


class _Heard(Link):
    """The listening end; what it says is noted before TLS makes it unreadable."""

    def __init__(self, plug: Plug, said: list[PeerAnswer]) -> None:
        super().__init__(plug)  # type: ignore[arg-type]
        self._said = said

    def send(self, message: object) -> None:
        assert isinstance(message, PeerAnswer)
        self._said.append(message)
        super().send(message)


@contextmanager
def dying_at(lan: Lan, bomb: Callable[[], None]) -> Iterator[None]:
    """`bomb` is called before each answer that comes meanwhile."""
    lan.before_answer = bomb
    try:
        yield
    finally:
        lan.before_answer = lambda: None


def _shaken(plug: Plug) -> bool:
    try:
        plug.tls.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _untimed(context: ssl.SSLContext) -> ssl.SSLContext:
    context.verify_flags |= _TIME_IS_OURS
    return context


def _in_time(certificate: bytes, clock: Clock) -> bool:
    shown = x509.load_der_x509_certificate(certificate)
    now_s = clock.now_ms() / 1000
    return shown.not_valid_before_utc.timestamp() <= now_s < shown.not_valid_after_utc.timestamp()


def _garbled(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << dice.randrange(8))]) + data[place + 1 :]
