"""The clerk takes one conversation's next event from its claim to its commit.

Three short transactions: take in (``inbox.intake``), claim, commit. Between the last two the answer is written and no
connection is held. Only the newest attempt at an event can commit, so two clerks never both do.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer

import structlog
from psycopg import Connection

from bots.conversations import store
from bots.conversations.handled import Handled, Overtaken
from bots.conversations.handler import Handler
from bots.conversations.inbox import store as inbox
from bots.conversations.inbox.store import Claim
from bots.conversations.outbox import store as outbox
from bots.conversations.outbox.store import Written
from bots.conversations.people.viewers import NOBODY
from bots.conversations.queue import Queue
from bots.conversations.reading import Readers
from bots.conversations.texts import language_spoken, say
from bots.conversations.turns import store as turns
from bots.messages import Delivery, InboundEvent, Kind, Reply
from bots.ports import Courier, LiveReply
from rag_core.database import Database, ViewerConnection
from rag_core.errors import DatabaseUnavailable
from rag_core.search import store as chunks

log = structlog.get_logger()

_TRIES = 3  # that may end in an error of ours
_LIVES = 6  # that may end in the death of the process
_READ_HERE = ("web", "api")
_COURTESY_S = 0.7
_EXPECT_AN_ANSWER = (Kind.MESSAGE, Kind.EDIT, Kind.POSTBACK, Kind.FILE, Kind.SUBMIT)


class Superseded(Exception):
    """Another attempt has taken the event over, or its sender has taken it back: nothing was written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that is ours for now, with the row its reply will be."""

    claim: Claim
    event: InboundEvent
    written: Written


class Clerk:
    """Handles events."""

    def __init__(
        self, database: Database, queue: Queue, readers: Readers, handler: Handler, couriers: Mapping[str, Courier]
    ) -> None:
        self._database, self._queue, self._readers = database, queue, readers
        self._handler, self._couriers = handler, couriers

    def handle_next(self, conversation: str) -> None:
        """Handle the conversation's next event. Raises what went wrong; the event is then written down or left."""
        taken = self._take(conversation)
        if taken is None:
            return
        if taken.claim.tries > _LIVES:
            self._give_up(taken, "crashed")
            return
        try:
            self._handle(taken)
        except Superseded:
            log.info("event superseded", number=taken.claim.id, attempt=taken.claim.attempt)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            if taken.claim.tries < _TRIES:
                raise
            self._give_up(taken, type(error).__name__)
            raise

    def _handle(self, taken: Taken) -> None:
        """Handle and commit; anew where somebody else was quicker with what the answer rests on."""
        with self._at_it(taken):
            for last in (False, False, True):
                handled = self._handler.handle(taken.event, self._show(taken))
                try:
                    self._commit(taken, handled)
                except Overtaken:
                    if last:
                        raise
                else:
                    return

    def _take(self, conversation: str) -> Taken | None:
        with self._database.application() as connection:
            claim = inbox.claim(connection, conversation)
            if claim is None:
                return None
            event = self._readers.read(claim.platform, claim.account, claim.body)
            if event.kind is Kind.IGNORED:  # read otherwise than when it came in: the platform was taken out, say
                inbox.finish(connection, claim, "ignored")
                return None
            return Taken(claim, event, outbox.open_reply(connection, claim, event))

    # --- while it is written ---

    @contextmanager
    def _at_it(self, taken: Taken) -> Iterator[None]:
        """Show that we are at it, if the answer takes its time: shown after a quick one, it would stay for a minute."""
        courier, event = self._couriers.get(taken.claim.platform), taken.event
        if courier is None or event.kind is not Kind.MESSAGE or not (event.addressed or event.place.direct):
            yield
            return
        timer = Timer(_COURTESY_S, courier.working, [event])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _show(self, taken: Taken) -> Callable[[str], None]:
        if taken.claim.platform in _READ_HERE:
            return self._to_the_page(taken)
        live = self._live(taken)
        return self._to_the_platform(taken, live) if live else lambda _: None

    def _to_the_page(self, taken: Taken) -> Callable[[str], None]:
        shown = 0

        def show(text: str) -> None:
            nonlocal shown
            shown += 1
            with self._database.application() as connection:
                outbox.add_part(connection, taken.claim, taken.written.id, shown, text)

        return show

    def _live(self, taken: Taken) -> LiveReply | None:
        courier = self._couriers.get(taken.claim.platform)
        if courier is None or taken.event.kind is not Kind.MESSAGE:
            return None
        event = taken.event
        delivery = Delivery(
            taken.written.id,
            event.place,
            event.sender,
            Reply(""),
            attempt=taken.claim.attempt,
            progress=taken.written.progress,
            message_id=event.message_id,
        )
        return courier.live(delivery)

    def _to_the_platform(self, taken: Taken, live: LiveReply) -> Callable[[str], None]:
        noted = taken.written.progress

        def show(text: str) -> None:
            nonlocal noted
            if (progress := live.add(text)) and progress != noted:
                noted = progress
                with self._database.application() as connection:
                    outbox.note_progress(connection, taken.claim, taken.written.id, progress)

        return show

    # --- when it is written ---

    def _commit(self, taken: Taken, handled: Handled) -> None:
        """Write everything down in one transaction. Raises Superseded."""
        claim, viewer = taken.claim, handled.viewer
        with self._database.viewer(viewer.groups, viewer.reader) as scoped:
            connection = scoped.connection
            if not inbox.is_ours(connection, claim):
                raise Superseded
            if handled.turns:
                turns.add(scoped, claim.id, claim.conversation, viewer.reader, taken.written.id, handled.turns)
            if handled.rating:
                with suppress(ValueError):  # no id of ours: a forged tap
                    turns.rate(scoped, *handled.rating)
            reply = handled.reply
            for effect in handled.effects:
                reply = effect(scoped) or reply
            self._remember(taken, handled, connection)
            kind = "home" if handled.home else "reply"
            to_send = outbox.close_reply(connection, claim, handled.window, kind, reply)
            _withdraw_lost(scoped, claim.conversation)
            # A notice brings no token: what waits for one would only hold up the notice, which its window may push.
            ours = taken.event.kind is Kind.NOTICE
            waiting = not ours and outbox.unpark(connection, claim.conversation)
            if to_send or waiting:
                self._queue.deliver(connection, [claim.conversation])
            inbox.finish(connection, claim, "done")
            if ours and inbox.asks(connection, claim.conversation):
                # Their job may have been spent on this notice, and that of a notice to many comes behind everybody's.
                self._queue.handle(connection, [claim.conversation])
            if reply is None and not (taken.event.place.direct or taken.event.addressed):
                inbox.forget_body(connection, claim)  # what people say to each other is not ours to keep

    def _remember(self, taken: Taken, handled: Handled, connection: Connection) -> None:
        conversation = taken.claim.conversation
        if handled.choose is not None:
            store.choose_window(connection, conversation, handled.choose)
        if handled.begin:
            store.begin_anew(connection, conversation, taken.claim.id)
        if handled.leave:
            outbox.withdraw_waiting(connection, conversation)
        if offer := handled.offer:
            store.add_offer(connection, taken.claim.id, offer.employee_number, offer.window, offer.name, offer.content)

    def _give_up(self, taken: Taken, reason: str) -> None:
        """Say a sentence instead of an answer, and leave the event where somebody can look at it."""
        claim, event = taken.claim, taken.event
        log.error("event given up", number=claim.id, attempt=claim.attempt, reason=reason)
        language = language_spoken(event) or "zh-TW"
        sorry = Reply(say(language, "trouble", contact=say(language, "someone")), language=language)
        spoken = event.kind in _EXPECT_AN_ANSWER and (event.place.direct or event.addressed)
        with self._database.viewer(NOBODY) as scoped:
            connection = scoped.connection
            if not inbox.finish(connection, claim, "failed", reason):
                return
            if outbox.close_reply(connection, claim, "", "reply", sorry if spoken else None):
                self._queue.deliver(connection, [claim.conversation])


def _withdraw_lost(viewer: ViewerConnection, conversation: str) -> None:
    """Withdraw what waits and may not be read any more: somebody was unbound, or lost a group, since it was written."""
    parked = outbox.parked_sources(viewer.connection, conversation)
    if parked:
        readable = chunks.readable(viewer, [chunk for found in parked.values() for chunk in found])
        outbox.withdraw_lost(viewer, conversation, [one for one, found in parked.items() if readable.issuperset(found)])
