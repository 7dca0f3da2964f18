"""The desk of the web chat: every question takes the inbox, and the page follows the outbox."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bots.conversations import store
from bots.conversations.bell import Bell
from bots.conversations.inbox import store as inbox
from bots.conversations.outbox.written import read_reply
from bots.conversations.reading import OwnReader, own_arrival
from bots.errors import NotServed, TooMany
from bots.messages import InboundEvent, Kind, Language, Place, Reply, ReplyPart, Visitor, WindowCard
from bots.ports import Asked, Inbox, Progress
from bots.windows.model import Window
from rag_core.database import Database
from rag_core.errors import UnreadableDocument
from rag_core.pages import PageDrawer
from rag_core.search import store as chunks

log = structlog.get_logger()

_ACCOUNT = "web"
_SHOWN = 50
_A_MINUTE = 20  # questions of one visitor
_HEARTBEAT_S = 10.0
_LOOK_AGAIN_S = 1.0  # in case a ring was lost with its connection


class Desk:
    """Implements ``ports.ChatDesk`` on the windows of a company."""

    def __init__(
        self, windows: Sequence[Window], inbox: Inbox, database: Database, bell: Bell, pages: "PageImages"
    ) -> None:
        self._windows = {window.name: window for window in windows}
        self._inbox, self._database, self._bell, self._pages = inbox, database, bell, pages

    def windows(self, visitor: Visitor, language: Language) -> Sequence[WindowCard]:
        """Return the windows that serve this visitor."""
        return [window.card(language) for window in self._windows.values() if window.audience & visitor.groups]

    def put(self, visitor: Visitor, window: str, message_id: str, question: str, language: Language) -> None:
        """Store the question, once for each id. Raises NotServed, TooMany, InboxUnavailable."""
        self._check(visitor, window)
        with self._database.application() as connection:
            often = inbox.recent(connection, "web", visitor.id, 60) >= _A_MINUTE
            if often and store.message(connection, "web", _ACCOUNT, _key(visitor, message_id)) is None:
                raise TooMany(60)
        place = Place("web", _ACCOUNT, visitor.id, direct=True, thread=window)
        event = InboundEvent(
            _key(visitor, message_id),
            place,
            Kind.MESSAGE,
            visitor.id,
            datetime.now(UTC),
            text=question,
            window=window,
            groups=visitor.groups,
            language=language,
        )
        self._inbox.take_in([own_arrival(event)])

    def follow(self, visitor: Visitor, window: str, message_id: str, after: str = "") -> Iterator[Progress | None]:
        """Yield what is new after the mark, then the Reply. Raises NotServed."""
        self._check(visitor, window)
        key, conversation = _key(visitor, message_id), _conversation(visitor, window)
        with self._bell.watch(conversation) as watch:
            known = self._message(key)
            if known is None or known.conversation != conversation:
                raise NotServed("There is no such message of this visitor.")
            mark = _Mark.read(after)
            quiet = 0.0
            while True:
                message = self._message(key)
                for step in self._steps(message, mark):
                    quiet = 0.0
                    yield step
                    if isinstance(step.item, Reply):
                        return
                    mark = _Mark.read(step.mark)
                if not watch.wait(_LOOK_AGAIN_S):
                    quiet += _LOOK_AGAIN_S
                    if quiet >= _HEARTBEAT_S:
                        quiet = 0.0
                        yield None

    def asked(self, visitor: Visitor, window: str) -> Sequence[Asked]:
        """Return the visitor's conversation with the window so far. Raises NotServed."""
        self._check(visitor, window)
        with self._database.application() as connection:
            found = store.messages(connection, _conversation(visitor, window), _SHOWN)
        return [_asked(message) for message in found if message.state != "withdrawn"]

    def forget(self, visitor: Visitor, window: str) -> None:
        """Begin a new conversation. Raises NotServed."""
        self._check(visitor, window)
        with self._database.application() as connection:
            store.begin_anew(connection, _conversation(visitor, window))

    def page_image(self, visitor: Visitor, delivery: str, number: int) -> bytes | None:
        """Return the page a reply's source stands on; None if it is not this visitor's, or may not be read."""
        with self._database.application() as connection:
            kept = store.kept(connection, delivery)
        if kept is None or kept.place["platform"] != "web" or kept.place["channel"] != visitor.id:
            return None
        return self._pages.image(kept, number, visitor.groups)

    def _check(self, visitor: Visitor, window: str) -> None:
        chosen = self._windows.get(window)
        if chosen is None or not chosen.audience & visitor.groups:
            raise NotServed(f"The window {window} does not serve this visitor.")

    def _message(self, key: str) -> store.Message | None:
        with self._database.application() as connection:
            return store.message(connection, "web", _ACCOUNT, key)

    def _steps(self, message: store.Message | None, mark: "_Mark") -> Iterator[Progress]:
        """Yield the sentences after the mark, or the whole reply if it stands."""
        if message is None or message.delivery is None or message.made_by is None:
            return
        if message.outbox_state == "sent" and message.reply is not None:
            yield Progress(f"{message.made_by}.end", read_reply(message.reply), message.delivery)
            return
        if message.outbox_state in ("withdrawn", "sent"):  # taken back, or forgotten meanwhile
            yield Progress(f"{message.made_by}.end", Reply("", refused=True), message.delivery)
            return
        if mark.made_by and mark.made_by != message.made_by:  # another worker began anew
            mark = _Mark(message.made_by, 0)
            yield Progress(mark.text, None, message.delivery)
        with self._database.application() as connection:
            new = store.parts(connection, message.delivery, message.made_by, mark.number)
        for number, text in new:
            yield Progress(_Mark(message.made_by, number).text, ReplyPart(text), message.delivery)


class _Mark:
    """How far a page has read: the attempt, and the number of the last sentence."""

    def __init__(self, made_by: int, number: int) -> None:
        self.made_by, self.number = made_by, number

    @property
    def text(self) -> str:
        return f"{self.made_by}.{self.number}"

    @classmethod
    def read(cls, text: str) -> "_Mark":
        made_by, _, number = text.partition(".")
        known = made_by.isascii() and made_by.isdigit() and number.isascii() and number.isdigit() and len(text) < 20
        return cls(int(made_by), int(number)) if known else cls(0, 0)


class PageImages:
    """Draws the page behind a source, for whoever may read it now."""

    def __init__(self, database: Database, drawer: PageDrawer) -> None:
        self._database, self._drawer = database, drawer

    def image(self, kept: store.Kept, number: int, groups: frozenset[str]) -> bytes | None:
        """Return the page as PNG with the quote marked, None if there is none for these groups."""
        if kept.reply is None:
            return None
        source = next((one for one in read_reply(kept.reply).sources if one.number == number), None)
        if source is None or not source.has_image:
            return None
        with self._database.viewer(groups) as viewer:
            found = chunks.page_source(viewer, source.chunk_id)
        if found is None:
            return None
        try:
            return self._drawer.draw(Path(found.path), found.sha256, found.page, source.quote)
        except UnreadableDocument as error:
            log.warning("page not drawn", chunk=source.chunk_id, reason=type(error).__name__)
            return None


def _key(visitor: Visitor, message_id: str) -> str:
    return f"{visitor.id}:{message_id}"


def _conversation(visitor: Visitor, window: str) -> str:
    return Place("web", _ACCOUNT, visitor.id, direct=True, thread=window).conversation


def _asked(message: store.Message) -> Asked:
    event = OwnReader("web").read(_ACCOUNT, json.loads(message.body or "{}"))
    done = message.outbox_state == "sent" and message.reply is not None
    reply = read_reply(message.reply) if done and message.reply is not None else None
    return Asked(message.event_id.partition(":")[2], event.text, reply, message.delivery or "")
