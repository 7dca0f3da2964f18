"""The desk of the web chat: every question takes the inbox, and the page follows the outbox."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog

from bots.conversations import store
from bots.conversations.bell import Bell
from bots.conversations.forms import store as drafts
from bots.conversations.forms.page import as_written
from bots.conversations.inbox import store as inbox
from bots.conversations.notices import page_of
from bots.conversations.outbox.written import read_reply
from bots.conversations.people import store as people
from bots.conversations.reading import OwnReader, own_arrival
from bots.conversations.submissions import store as submissions
from bots.conversations.uploads import asks_for_file, is_file_field
from bots.errors import NotServed, NotWanted, TooMany
from bots.messages import FileOffer, InboundEvent, Kind, Language, Place, Reply, ReplyPart, Visitor, WindowCard
from bots.ports import Asked, Attached, Filled, FormsNow, Inbox, News, OpenedFile, Progress
from bots.windows.model import Window
from rag_core.database import Database
from rag_core.errors import DatabaseUnavailable, UnreadableDocument
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
        self._take_in(visitor, self._event(visitor, window, message_id, Kind.MESSAGE, question, language))

    def tap(self, visitor: Visitor, window: str, message_id: str, label: str, data: str, language: Language) -> None:
        """Store a tapped choice, once for each id. Raises as ``put``."""
        event = self._event(visitor, window, message_id, Kind.POSTBACK, label, language)
        self._take_in(visitor, replace(event, data=data))

    def hand_in(self, visitor: Visitor, window: str, message_id: str, filled: Filled, language: Language) -> None:
        """Store a form that was filled in, once for each id. Raises as ``put``."""
        event = self._event(visitor, window, message_id, Kind.SUBMIT, filled.title, language)
        self._take_in(visitor, replace(event, data=filled.form, values=filled.values, draft=filled.draft))

    def attach(self, visitor: Visitor, window: str, message_id: str, file: Attached, language: Language) -> None:
        """Store a file, once for each id. Raises as ``put``, and NotWanted.

        The content is stored first: whoever handles the event finds it. Of the two only the event makes it count.
        """
        event = self._event(visitor, window, message_id, Kind.FILE, file.name, language)
        offer = FileOffer(event.id, file.name, file.media_type, len(file.content))
        self._check(visitor, window)
        if self._message(event.id) is None and not self._wants(visitor, window, file):
            raise NotWanted("No form of this visitor asks for a file here.")
        self._admit(visitor, event)
        with self._database.application() as connection:
            store.keep_upload(connection, event.id, file.content)
        self._inbox.take_in([own_arrival(replace(event, data=file.field, file=offer, draft=file.draft))])

    def _wants(self, visitor: Visitor, window: str, file: Attached) -> bool:
        """Return whether the file is for a form on the page, or may be attached anyway."""
        named = is_file_field(self._windows[window], visitor.groups, file.field)
        return named or self.takes_files(visitor, window)

    def takes_files(self, visitor: Visitor, window: str) -> bool:
        """Return whether this visitor may attach a file here now. Raises NotServed.

        A person may offer a document for a window's knowledge at any time, and is told if nobody takes it. Of others a
        file is kept only where a form of theirs asks for one: everybody on the internet may come to the page.
        """
        self._check(visitor, window)
        if visitor.person:
            return True
        reader = self._reader(visitor)
        with self._database.viewer(visitor.groups, reader) as viewer:
            return asks_for_file(viewer, reader, _conversation(visitor, window), self._windows)

    def forms(self, visitor: Visitor) -> FormsNow:
        """Return which forms of this visitor may still be handed in, and which were."""
        reader = self._reader(visitor)
        with self._database.viewer(visitor.groups, reader) as viewer:
            return FormsNow(drafts.open_ids(viewer, reader), submissions.of_drafts(viewer, reader, _SHOWN))

    def _event(
        self, visitor: Visitor, window: str, message_id: str, kind: Kind, text: str, language: Language
    ) -> InboundEvent:
        return InboundEvent(
            _key(visitor, message_id),
            Place("web", _ACCOUNT, visitor.id, direct=True, thread=window),
            kind,
            visitor.id,
            datetime.now(UTC),
            text=text,
            window=window,
            groups=visitor.groups,
            language=language,
            person=visitor.person,
        )

    def _take_in(self, visitor: Visitor, event: InboundEvent) -> None:
        self._check(visitor, event.window)
        self._admit(visitor, event)
        self._inbox.take_in([own_arrival(event)])

    def _admit(self, visitor: Visitor, event: InboundEvent) -> None:
        """Raise TooMany where the visitor has sent too much within a minute; what is known may be sent again."""
        with self._database.application() as connection:
            often = inbox.recent(connection, "web", visitor.id, 60) >= _A_MINUTE
            if often and store.message(connection, "web", _ACCOUNT, event.id) is None:
                raise TooMany(60)

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
        conversations = self._conversations(visitor, window)
        with self._database.application() as connection:
            found = [one for one in store.messages(connection, conversations, _SHOWN) if _is_shown(one)]
            store.note_seen(connection, {one.conversation: one.id for one in found if one.kind == Kind.NOTICE})
        return as_written((None, _told(one)) if one.kind == Kind.NOTICE else _asked(one) for one in found)

    def come(self, visitor: Visitor, language: Language) -> None:
        """Note that a person uses the page; while the database is away, the page opens all the same."""
        if visitor.person:
            with suppress(DatabaseUnavailable), self._database.application() as connection:
                people.note_presence(connection, visitor.person, language)

    def news(self, visitor: Visitor, window: str = "") -> News:
        """Return what was told without being asked for. Raises NotServed."""
        served = [name for name, one in self._windows.items() if one.audience & visitor.groups]
        of = {name: self._conversations(visitor, name) for name in ({*served, window} if window else served)}
        with self._database.application() as connection:
            told = store.told(connection, [one for all_of_it in of.values() for one in all_of_it])
        waiting = {name: sum(told[one][0] for one in all_of_it if one in told) for name, all_of_it in of.items()}
        newest = max((told[one][1] for one in of.get(window, ()) if one in told), default=0)
        return News({name: count for name, count in waiting.items() if count}, _notice_id(newest) if newest else "")

    def _conversations(self, visitor: Visitor, window: str) -> list[str]:
        """Return what the page of a window shows: what this browser says, and what the person is told.

        A person may be told of something in a window that does not serve them: it is shown at the first that does.
        Raises NotServed.
        """
        self._check(visitor, window)
        own = _conversation(visitor, window)
        if not visitor.person:
            return [own]
        closed = [name for name, one in self._windows.items() if not one.audience & visitor.groups]
        first = next(name for name, one in self._windows.items() if one.audience & visitor.groups)
        told_of = [window, *(closed if window == first else ())]
        return [own, *(page_of(visitor.person, name).conversation for name in told_of)]

    def forget(self, visitor: Visitor, window: str) -> None:
        """Begin a new conversation. Raises NotServed."""
        conversations = self._conversations(visitor, window)
        with self._database.application() as connection:
            for conversation in conversations:
                store.begin_anew(connection, conversation)

    def page_image(self, visitor: Visitor, delivery: str, number: int) -> bytes | None:
        """Return the page a reply's source stands on; None if it is not this visitor's, or may not be read."""
        with self._database.application() as connection:
            kept = store.kept(connection, delivery)
        if kept is None or kept.place["platform"] != "web" or kept.place["channel"] != visitor.id:
            return None
        return self._pages.image(kept, number, visitor.groups)

    def attachment(self, visitor: Visitor, file: UUID) -> OpenedFile | None:
        """Return a submission's file; None if it may not be read by this visitor, as people.csv has them now."""
        with self._database.viewer(visitor.groups, self._reader(visitor)) as viewer:
            return submissions.opened(viewer, file)

    def _reader(self, visitor: Visitor) -> str:
        """Return who the visitor is to the database now, as ``people.viewers`` has it: who has left is no person."""
        if visitor.person:
            with self._database.application() as connection:
                if people.by_number(connection, visitor.person):
                    return f"person:{visitor.person}"
        return f"web:{_ACCOUNT}:{visitor.id}"

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


def _is_shown(message: store.Message) -> bool:
    """Return whether a message stands on the page. What was told is there when it is said, if anything is."""
    if message.kind == Kind.NOTICE:
        return message.outbox_state == "sent" and message.reply is not None
    return message.state != "withdrawn"


def _notice_id(number: int) -> str:
    return f"notice-{number}"


def _told(message: store.Message) -> Asked:
    assert message.reply is not None
    return Asked(_notice_id(message.id), "", read_reply(message.reply), message.delivery or "", told=True)


def _asked(message: store.Message) -> tuple[InboundEvent, Asked]:
    event = OwnReader("web").read(_ACCOUNT, json.loads(message.body or "{}"))
    done = message.outbox_state == "sent" and message.reply is not None
    reply = read_reply(message.reply) if done and message.reply is not None else None
    said = event.file.name if event.file else event.text
    file = event.file is not None
    return event, Asked(message.event_id.partition(":")[2], said, reply, message.delivery or "", file)
