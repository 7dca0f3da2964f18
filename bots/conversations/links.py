"""What the signed links of a delivery open: its viewer is found out anew each time."""

from dataclasses import replace
from uuid import UUID

from bots.conversations import store
from bots.conversations.desk import PageImages
from bots.conversations.outbox.written import read_place, read_reply
from bots.conversations.people.viewers import Viewer, Viewers
from bots.conversations.submissions import store as submissions
from bots.messages import Reply
from bots.ports import OpenedFile
from rag_core.database import Database
from rag_core.search import store as chunks

_LINKED = ("line", "slack")


class LinkedReplies:
    """Implements ``ports.LinkDesk``."""

    def __init__(self, database: Database, viewers: Viewers, pages: PageImages) -> None:
        self._database, self._viewers, self._pages = database, viewers, pages

    def page(self, delivery: str, number: int) -> bytes | None:
        """Return the page a source stands on; None if whoever got the delivery may not read it (any more)."""
        kept = self._kept(delivery)
        return self._pages.image(kept, number, self._viewer(kept).groups) if kept else None

    def reply(self, delivery: str) -> Reply | None:
        """Return the whole reply, if everything it rests on may still be read; None otherwise."""
        kept = self._kept(delivery)
        if kept is None or kept.reply is None:
            return None
        reply = read_reply(kept.reply)
        groups = self._viewer(kept).groups
        if not groups:
            return None
        with self._database.viewer(groups) as viewer:
            readable = chunks.readable(viewer, [source.chunk_id for source in reply.sources])
        if any(source.chunk_id not in readable for source in reply.sources):
            return None  # the text says what the source says
        return replace(reply, choices=(), cards=())

    def attachment(self, delivery: str, file: UUID) -> OpenedFile | None:
        """Return a submission's file; None if whoever got the delivery may not read it (any more)."""
        kept = self._kept(delivery)
        if kept is None:
            return None
        reader = self._viewer(kept)
        with self._database.viewer(reader.groups, reader.reader) as viewer:
            return submissions.opened(viewer, file)

    def _kept(self, delivery: str) -> store.Kept | None:
        with self._database.application() as connection:
            kept = store.kept(connection, delivery)
        return kept if kept and kept.place["platform"] in _LINKED else None

    def _viewer(self, kept: store.Kept) -> Viewer:
        return self._viewers.at(read_place(kept.place), kept.sender)
