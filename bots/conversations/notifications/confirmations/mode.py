"""Confirmations in a conversation: one person, two taps to choose from, one answer for ever."""

from zoneinfo import ZoneInfo

from bots.conversations.calls import store as calls
from bots.conversations.handled import Effect, Handled, Here, Overtaken
from bots.conversations.modes import Modes
from bots.conversations.notifications.confirmations import store
from bots.conversations.notifications.texts import say
from bots.messages import Card, Choice, Reply
from rag_core.database import Database, ViewerConnection

_VERBS = {"yes": "approved", "no": "denied"}


class ConfirmationMode:
    """What confirmations bring to conversations."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database, self._zone = database, zone

    def modes(self) -> Modes:
        """Return the entries for ``Modes``."""
        return Modes(taps={"confirm": self.tapped}, notices={"confirm": self.told})

    def told(self, here: Here, confirmation: str) -> Handled:
        """Return the question; nothing if it has expired or is not for whoever has this account now."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            found = store.by_id(viewer.connection, confirmation)
            text = store.text_of(viewer, found.id) if found and found.recipient == here.viewer.reader else None
        if found is None or text is None or found.state != "pending":
            return Handled(here.viewer)
        until = f"{found.expires_at.astimezone(self._zone):%m/%d %H:%M}"
        reply = Reply(
            text,
            notice=say(here.language, "confirm_who", client=found.client, until=until),
            cards=(Card(say(here.language, "confirm_title"), choices=_choices(here, found.id)),),
            language=here.language,
        )
        return Handled(here.viewer, reply, window=found.window_name)

    def tapped(self, here: Here, value: str) -> Handled:
        """Take the answer of the one person who was asked, if it is the first and in time."""
        confirmation, _, verb = value.partition("/")
        with self._database.application() as connection:
            found = store.by_id(connection, confirmation)
        if found is None or found.recipient != here.viewer.reader or verb not in _VERBS:
            return _say(here, "confirm_not_yours")
        if found.state == "expired":
            return _say(here, "expired")
        if found.state != "pending":
            return _say(here, f"already_{found.state}")
        return _say(here, _VERBS[verb], _answer(found.id, found.recipient, _VERBS[verb]))


def _choices(here: Here, confirmation: str) -> tuple[Choice, Choice]:
    return (
        Choice(say(here.language, "approve"), data=f"confirm={confirmation}/yes", style="primary"),
        Choice(say(here.language, "deny"), data=f"confirm={confirmation}/no", style="danger"),
    )


def _answer(confirmation: str, recipient: str, state: str) -> Effect:
    def answer(viewer: ViewerConnection) -> None:
        if not store.answer(viewer.connection, confirmation, recipient, state):
            raise Overtaken  # answered elsewhere, or expired, a moment ago: look again and say so
        calls.add_outcome(viewer.connection, confirmation)

    return answer


def _say(here: Here, key: str, *effects: Effect) -> Handled:
    return Handled(here.viewer, Reply(say(here.language, key), language=here.language), effects=effects)
