"""A courier that does what it is told, and else what LINE would do: by its token, by a push, or not now."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bots.messages import Delivery, InboundEvent, Outcome, Parked, Profile, Quota, Rejected, Sent

Turn = Outcome | Callable[[Delivery], Outcome]


@dataclass
class FakeLive:
    """A reply that grows. ``id`` is the platform's id of the message from the first sentence on."""

    id: str
    texts: list[str] = field(default_factory=list)

    def add(self, text: str) -> str:
        self.texts.append(text)
        return self.id


@dataclass
class FakeCourier:
    """Implements bots.ports.Courier. ``script`` is what comes of the next deliveries, in order; then all arrive."""

    script: deque[Turn] = field(default_factory=deque)
    profiles: dict[str, Profile] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    streams: bool = False
    tried: list[Delivery] = field(default_factory=list)
    arrived: list[Delivery] = field(default_factory=list)
    lives: list[FakeLive] = field(default_factory=list)
    began: list[Delivery] = field(default_factory=list)  # those that were shown while they were written
    asked: list[str] = field(default_factory=list)  # users whose profile was asked for
    at_it: list[InboundEvent] = field(default_factory=list)

    def deliver(self, delivery: Delivery) -> Outcome:
        self.tried.append(delivery)
        step = self.script.popleft() if self.script else _as_line_would(delivery)
        outcome = step(delivery) if callable(step) else step
        if isinstance(outcome, Sent):
            self.arrived.append(delivery)
        return outcome

    @property
    def said(self) -> list[str]:
        """The texts that arrived, in order."""
        return [delivery.reply.text for delivery in self.arrived]

    def working(self, event: InboundEvent) -> None:
        self.at_it.append(event)

    def live(self, delivery: Delivery) -> FakeLive | None:
        if not self.streams:
            return None
        self.began.append(delivery)
        self.lives.append(FakeLive(delivery.progress or f"message-{len(self.lives) + 1}"))
        return self.lives[-1]

    def profile(self, account: str, user: str) -> Profile | None:
        self.asked.append(f"{account}:{user}")
        return self.profiles.get(user)

    def fetch(self, event: InboundEvent) -> bytes | None:
        return self.files.get(event.file.id) if event.file else None

    def quota(self, account: str) -> Quota | None:
        return None


def _as_line_would(delivery: Delivery) -> Outcome:
    if delivery.place.platform != "line" or delivery.token:
        return Sent((f"sent-{delivery.id}",))
    if delivery.may_push:
        return Sent((f"sent-{delivery.id}",), pushed=True)
    return Rejected("reply uncertain", uncertain=True) if delivery.doubtful else Parked("no token")
