"""The ports between platforms and the rest. Each belongs to whoever calls it, and documents its errors."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from bots.messages import (
    Arrival,
    Delivery,
    FormView,
    InboundEvent,
    Language,
    Outcome,
    Place,
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
class Filled:
    """A form as a page sends it: "window/form", its title, and what was written by field.

    ``draft``: what the page shows it as; empty from a page that does not know.
    """

    form: str
    title: str
    values: Mapping[str, str | tuple[str, ...]]
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as a page sends it. ``field`` is "window/form/field" where it was chosen in a form; empty elsewhere.

    ``draft``: what the page shows that form as.
    """

    name: str
    media_type: str
    content: bytes  # at least one, at most 20 MB
    field: str = ""
    draft: str = ""


@dataclass(frozen=True, slots=True)
class FormsNow:
    """What has become of a visitor's forms, by draft. One that is in neither was cancelled, replaced or forgotten."""

    open: frozenset[str]
    handed_in: Mapping[str, str]  # draft → number, of the newest


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file of a submission with its content. ``media_type`` is what whoever sent it said; nobody has checked it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of a web visitor as it stands on the page: its reply, or None while it is being written."""

    id: str
    question: str  # of a file: its name
    reply: Reply | None
    delivery: str  # the id that links to its sources are made of
    file: bool = False
    told: bool = False  # nobody asked: we said it of our own accord, and there is no question


@dataclass(frozen=True, slots=True)
class News:
    """What a visitor was told without asking: by window, how much of it they have not seen; and the newest's id.

    ``newest`` is that of the window asked about, as ``Asked.id`` has it; empty if nothing was told there.
    """

    waiting: Mapping[str, int]
    newest: str = ""


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

    def tap(self, visitor: Visitor, window: str, message_id: str, label: str, data: str, language: Language) -> None:
        """Store a tapped choice, once for each id, to be followed like a question. Raises as ``put``."""
        ...

    def hand_in(self, visitor: Visitor, window: str, message_id: str, filled: Filled, language: Language) -> None:
        """Store a form that was filled in, once for each id, to be followed like a question. Raises as ``put``."""
        ...

    def attach(self, visitor: Visitor, window: str, message_id: str, file: Attached, language: Language) -> None:
        """Store a file, once for each id, to be followed like a question. Raises as ``put``, and NotWanted."""
        ...

    def takes_files(self, visitor: Visitor, window: str) -> bool:
        """Return whether this visitor may attach a file here now: a person always, others where a form asks for one.

        Raises NotServed.
        """
        ...

    def forms(self, visitor: Visitor) -> FormsNow:
        """Return which forms of this visitor may still be handed in, and which were."""
        ...

    def follow(self, visitor: Visitor, window: str, message_id: str, after: str = "") -> Iterator[Progress | None]:
        """Yield what is new after the mark, then the Reply, and end; None now and then while there is nothing.

        Raises NotServed for a window this visitor may not use or a message this visitor did not send.
        """
        ...

    def asked(self, visitor: Visitor, window: str) -> Sequence[Asked]:
        """Return the visitor's conversation with the window so far, oldest first, at most 50. Raises NotServed."""
        ...

    def come(self, visitor: Visitor, language: Language) -> None:
        """Note that the visitor uses the page: a person without an account elsewhere is told things there."""
        ...

    def news(self, visitor: Visitor, window: str = "") -> News:
        """Return what was told without being asked for; what ``asked`` has returned counts as seen.

        Raises NotServed for a window this visitor may not use.
        """
        ...

    def forget(self, visitor: Visitor, window: str) -> None:
        """Begin a new conversation: what was said before is no longer shown or taken up."""
        ...

    def page_image(self, visitor: Visitor, delivery: str, number: int) -> bytes | None:
        """Return the page a reply's source stands on as PNG, quote marked; None if there is none for this visitor."""
        ...

    def attachment(self, visitor: Visitor, file: UUID) -> OpenedFile | None:
        """Return a submission's file; None if there is none that this visitor may read now."""
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

    def attachment(self, delivery: str, file: UUID) -> OpenedFile | None:
        """Return a submission's file; None if it may not be read (any more)."""
        ...


class FormDesk(Protocol):
    """What a platform needs to show a form in a dialog or on a page. Nobody sees a form that they may not hand in."""

    def form(self, viewer: Place | Visitor, sender: str, name: str, language: Language) -> FormView | None:
        """Return the form "window/form" with what is known filled in; None if there is none for this person."""
        ...

    def problems(
        self,
        viewer: Place | Visitor,
        sender: str,
        name: str,
        values: Mapping[str, str | tuple[str, ...]],
        language: Language | None = None,
    ) -> Mapping[str, str]:
        """Return what is wrong, a sentence a field, in at most a second; empty: it may be handed in.

        "" is the key of what concerns no one field. ``language``: the dialog's; None: the person's. The same is
        checked again when the form is taken in.
        """
        ...


class ApiDesk(Protocol):
    """What the HTTP API needs."""

    def ask(self, client: str, key: str, question: str, window: str, wait_s: float) -> Asked | None:
        """Take a question in under the client's idempotency key and wait for its reply; None if it takes longer.

        An empty window means the best-matching one. The same key asked again gives the same reply, never a second
        one. Raises NotServed, InboxUnavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class NotifyOrder:
    """A notification another system wants told. Neither people nor groups: those whom the window file names."""

    window: str
    notification: str
    key: str  # the client's own: the same order under the same key is told once
    values: Mapping[str, str]  # what stands in the text
    people: tuple[str, ...] = ()  # employee numbers
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmationOrder:
    """What another system wants one person to approve or deny."""

    window: str
    person: str  # the employee number
    text: str
    key: str
    expires_s: int
    callback: str = ""  # where the outcome is to be told; empty: nowhere, it is asked for


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order that was taken, now or earlier under the same key (``new`` is false)."""

    id: str
    status: str  # of a confirmation: pending, approved, denied, expired; of a notification: where its run is
    new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """An order that is not taken. ``detail`` is a sentence for whoever writes the client."""

    detail: str
    conflict: bool = False  # the key stands for another order


class NotifyDesk(Protocol):
    """What the HTTP API needs to tell people something, or to have one of them confirm it."""

    def notify(self, client: str, order: NotifyOrder) -> Accepted | Refused:
        """Take the order, once for each key of the client. Raises NotServed, InboxUnavailable."""
        ...

    def confirm(self, client: str, order: ConfirmationOrder) -> Accepted | Refused:
        """Ask the person, once for each key of the client. Raises NotServed, TooMany, InboxUnavailable."""
        ...

    def confirmation(self, client: str, id: str) -> Accepted | None:  # noqa: A002 as the path of the API has it
        """Return how a confirmation of this client stands; None if it has none of this id. Raises InboxUnavailable."""
        ...
