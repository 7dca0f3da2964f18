"""What handling an event works with and comes to: the place of the event, and what is to be written down of it."""

from collections.abc import Callable
from dataclasses import dataclass

from bots.conversations.people.viewers import Viewer
from bots.conversations.turns.store import NewTurn
from bots.messages import InboundEvent, Language, Reply
from bots.windows.model import Window
from rag_core.database import ViewerConnection


@dataclass(frozen=True, slots=True)
class Offer:
    """A file somebody offers for a window's knowledge."""

    window: str
    employee_number: str
    name: str
    content: bytes


Effect = Callable[[ViewerConnection], Reply | None]
"""Something to be written down in the same transaction. A reply that it returns (with a number counted there, say) is
said instead. It may raise ``Overtaken``: then nothing is written down, and the event is handled anew."""


class Overtaken(Exception):
    """What the answer rests on has changed since it was read: somebody else decided first, say."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What is to be written down of an event: in one transaction, or not at all.

    ``reply`` None: nothing is said. ``choose``: the window from now on, "" for the best-matching one.
    """

    viewer: Viewer
    reply: Reply | None = None
    turns: tuple[NewTurn, ...] = ()
    window: str = ""
    home: bool = False
    choose: str | None = None
    begin: bool = False
    leave: bool = False
    rating: tuple[str, str] | None = None  # delivery, "up" or "down"
    offer: Offer | None = None
    effects: tuple[Effect, ...] = ()  # of the modes: done in this order, before the reply is written down


@dataclass(frozen=True, slots=True)
class AccountWindows:
    """The windows an account serves, in its order, and its default."""

    names: tuple[str, ...]
    default: str = ""


@dataclass(frozen=True, slots=True)
class Here:
    """Everything that is known about the place of an event."""

    event: InboundEvent
    viewer: Viewer
    windows: tuple[Window, ...]
    language: Language
    default: str
