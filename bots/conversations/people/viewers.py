"""Who is asking, and what they may read: decided anew for every event, so that whatever is cut is cut at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bots.conversations.people import store
from bots.messages import CUSTOMERS, InboundEvent, Language, Place
from bots.ports import Courier
from rag_core.database import Database

_ASK_AGAIN = timedelta(hours=6)
NOBODY = frozenset[str]()

ChannelGroups = Callable[[Place], Mapping[str, frozenset[str]]]
"""What a channel may read: the windows bound to it, each with its groups. Empty for a channel nobody listed."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever reads the reply. ``reader`` owns the turns; ``windows`` limits the windows, None: all that serve."""

    reader: str
    groups: frozenset[str]
    person: store.Person | None = None
    windows: frozenset[str] | None = None
    language: Language | None = None


class Viewers:
    """Finds out who reads at a place. ``couriers`` are asked for verified e-mail addresses."""

    def __init__(self, database: Database, couriers: Mapping[str, Courier], channel_groups: ChannelGroups) -> None:
        self._database, self._couriers, self._channel_groups = database, couriers, channel_groups

    def of_event(self, event: InboundEvent) -> Viewer:
        """Return the viewer of an event's reply."""
        if event.person:
            return self._signed_in(event)
        if event.groups is not None:  # a signed session or an API client, checked where it came in
            place = event.place
            return Viewer(f"{place.platform}:{place.account}:{place.channel}", event.groups, language=event.language)
        return self.at(event.place, event.sender)

    def _signed_in(self, event: InboundEvent) -> Viewer:
        """Return the person a session vouches for, as people.csv has them now; nobody if they have left.

        What we tell them on the page of our own accord comes in no language: it is theirs there.
        """
        with self._database.application() as connection:
            person = store.by_number(connection, event.person)
            language = event.language or store.page_language(connection, event.person)
        if person is None:
            return Viewer(f"web:{event.place.account}:{event.place.channel}", NOBODY, language=language)
        return Viewer(f"person:{event.person}", person.groups, person, language=language)

    def at(self, place: Place, sender: str) -> Viewer:
        """Return who reads at the place now: the person, the customer, or everyone in the channel."""
        if place.direct:
            return self._alone(place, sender)
        if place.platform == "slack":
            return self._in_channel(place)
        return Viewer(place.conversation, CUSTOMERS)  # nobody can know who is in a LINE group

    def known_groups(self, place: Place, sender: str) -> frozenset[str]:
        """Return a person's groups without asking the platform, for where nobody can wait; a customer's if unknown."""
        with self._database.application() as connection:
            known = store.identity(connection, place.platform, place.account, sender)
        return known.person.groups if known and known.person else CUSTOMERS

    def _in_channel(self, place: Place) -> Viewer:
        windows = self._channel_groups(place)
        # A channel stands for one set of groups; where two windows say different things, what both say holds.
        groups = frozenset.intersection(*windows.values()) if windows else NOBODY
        return Viewer(f"{place.platform}:{place.account}:{place.channel}", groups, windows=frozenset(windows))

    def _alone(self, place: Place, sender: str) -> Viewer:
        with self._database.application() as connection:
            known = store.identity(connection, place.platform, place.account, sender)
        if self._worth_asking(place.platform, known):
            known = self._ask(place, sender, known)
        language = known.language if known else None
        if known and known.person:
            person = known.person
            return Viewer(f"person:{person.employee_number}", person.groups, person, language=language)
        return Viewer(f"{place.platform}:{place.account}:{sender}", CUSTOMERS, language=language)

    def _worth_asking(self, platform: str, known: store.Identity | None) -> bool:
        if known is None or known.checked_at is None:
            return True
        if platform != "slack":  # only Slack tells e-mail addresses
            return False
        return known.person is None and not known.unbound and known.checked_at < datetime.now(UTC) - _ASK_AGAIN

    def _ask(self, place: Place, sender: str, known: store.Identity | None) -> store.Identity | None:
        """Ask the platform, and bind the account to the person whose address it has verified."""
        courier = self._couriers.get(place.platform)
        profile = courier.profile(place.account, sender) if courier else None
        if profile is None:
            return known
        with self._database.application() as connection:
            store.note_identity(connection, place.platform, place.account, sender, profile.language)
            person = store.by_email(connection, profile.email) if profile.email else None
            if person and not (known and (known.unbound or known.person)):
                store.bind(connection, place.platform, place.account, sender, person.employee_number)
            return store.identity(connection, place.platform, place.account, sender)
