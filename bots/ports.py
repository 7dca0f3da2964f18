"""The ports between platforms and the rest. Each belongs to whoever calls it, and documents its errors."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bots.messages import (
    Arrival,
    Delivery,
    InboundEvent,
    Language,
    Outcome,
    Profile,
    Quota,
    Reply,
    ReplyPart,
    Visitor,
    WindowCard,
)


class Inbox(Protocol):
    """What a webhook needs: to store, and to know that it is stored."""

    def take_in(self, arrivals: Sequence[Arrival]) -> int:
        """Store the events with their jobs in one transaction; return how many were new.

        An event whose key is known already is passed over. Raises InboxUnavailable: the sender has to send them again,
        and what had been stored all the same is passed over then.
        """
        ...


class EventReader(Protocol):
    """Reads what a platform sent, at the webhook and again in the worker. Pure."""

    def read(self, account: str, body: Mapping[str, Any]) -> InboundEvent:
        """Return the event. Whatever is not known or cannot be understood is ``Kind.IGNORED``; nothing is raised."""
        ...


class LiveReply(Protocol):
    """A reply that people see grow."""

    def add(self, text: str) -> str:
        """Show one more checked sentence; return the platform's id of the message, empty as long as there is none.

        Trouble is swallowed and logged: what counts is the delivery afterwards.
        """
        ...


class Courier(Protocol):
    """Brings deliveries to one platform. Called by one thread a conversation, by many at once in all."""

    def deliver(self, delivery: Delivery) -> Outcome:
        """Try once, within 15 seconds. Every trouble is an Outcome; nothing is raised."""
        ...

    def working(self, event: InboundEvent) -> None:
        """Show that we are at it (loading animation, status), best effort, within 2 seconds, raising nothing."""
        ...

    def live(self, delivery: Delivery) -> LiveReply | None:
        """Return a way to show the reply while it is written; None where the platform has none."""
        ...

    def profile(self, account: str, user: str) -> Profile | None:
        """Return what the platform knows of an account; None if it knows nothing or cannot be asked now."""
        ...

    def fetch(self, event: InboundEvent) -> bytes | None:
        """Return the content of the event's file, at most 20 MB; None if it is gone, too large or out of reach."""
        ...

    def quota(self, account: str) -> Quota | None:
        """Return the platform's own count of pushes this month; None where there is none or it cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of a web visitor as it stands on the page: its reply, or None while it is being written."""

    id: str
    question: str
    reply: Reply | None
    delivery: str  # the id that links to its sources are made of


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a reply that a page follows. ``mark`` is the place to resume from (an event stream's id)."""

    mark: str
    item: ReplyPart | Reply | None  # None: start over, the sentences so far are void
    delivery: str


class ChatDesk(Protocol):
    """What the web chat needs from Transom. A message is known by an id that the page chose."""

    def windows(self, visitor: Visitor, language: Language) -> Sequence[WindowCard]:
        """Return the windows that serve this visitor, in the company's order."""
        ...

    def put(self, visitor: Visitor, window: str, message_id: str, question: str, language: Language) -> None:
        """Store the question, once for each id. Raises NotServed, TooMany, InboxUnavailable."""
        ...

    def follow(self, visitor: Visitor, window: str, message_id: str, after: str = "") -> Iterator[Progress | None]:
        """Yield what is new after the mark, then the Reply, and end; None now and then while there is nothing.

        Raises NotServed for a window this visitor may not use or a message this visitor did not send.
        """
        ...

    def asked(self, visitor: Visitor, window: str) -> Sequence[Asked]:
        """Return the visitor's conversation with the window so far, oldest first, at most 50. Raises NotServed."""
        ...

    def forget(self, visitor: Visitor, window: str) -> None:
        """Begin a new conversation: what was said before is no longer shown or taken up."""
        ...

    def page_image(self, visitor: Visitor, delivery: str, number: int) -> bytes | None:
        """Return the page a reply's source stands on as PNG, quote marked; None if there is none for this visitor."""
        ...


class LinkDesk(Protocol):
    """What the signed links of a delivery open. What may be seen is decided anew each time.

    The viewer is whoever the delivery went to, with the groups that account or channel has now: an employee who was
    unbound sees nothing of what employees may read.
    """

    def page(self, delivery: str, number: int) -> bytes | None:
        """Return the page a source stands on as PNG, quote marked; None if it may not be read (any more)."""
        ...

    def reply(self, delivery: str) -> Reply | None:
        """Return the whole reply, without the sources that may not be read any more; None if nothing may be shown."""
        ...


class ApiDesk(Protocol):
    """What the HTTP API needs."""

    def ask(self, client: str, key: str, question: str, window: str, wait_s: float) -> Asked | None:
        """Take a question in under the client's idempotency key and wait for its reply; None if it takes longer.

        An empty window means the best-matching one. The same key asked again gives the same reply, never a second
        one. Raises NotServed, InboxUnavailable.
        """
        ...
