"""What Slack's channels stand for, as the windows' files say it."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from time import monotonic

from bots.messages import Place
from bots.windows.model import Window

_FRESH_S = 600.0

ChannelName = Callable[[str, str], str | None]
"""From account and channel id to the channel's name without #; None if the platform cannot be asked."""


class ChannelGroups:
    """Implements ``people.viewers.ChannelGroups``. Files name a channel by its id or, with a #, by its name."""

    def __init__(
        self, windows: Sequence[Window], served: Mapping[tuple[str, str], Sequence[str]], name_of: ChannelName
    ) -> None:
        self._windows, self._served, self._name_of = windows, served, name_of
        self._names: dict[tuple[str, str], tuple[float, str | None]] = {}
        self._lock = Lock()

    def __call__(self, place: Place) -> Mapping[str, frozenset[str]]:
        """Return the windows bound to the channel, each with the groups it reads as. Empty: nobody listed it."""
        served = self._served.get((place.platform, place.account), ())
        entries = [(w.name, one) for w in self._windows if w.name in served for one in w.channels.slack]
        named = any(entry.channel.startswith("#") for _, entry in entries)
        name = self._name(place) if named else None
        found: dict[str, frozenset[str]] = {}
        for window, entry in entries:
            if entry.channel == place.channel or (name and entry.channel == f"#{name}"):  # or both: what both say
                found[window] = found.get(window, frozenset(entry.groups)) & frozenset(entry.groups)
        return found

    def _name(self, place: Place) -> str | None:
        key = (place.account, place.channel)
        with self._lock:
            at, name = self._names.get(key, (-_FRESH_S, None))
        if name is None or monotonic() - at > _FRESH_S:
            name = self._name_of(place.account, place.channel)
            with self._lock:
                self._names[key] = (monotonic(), name)
        return name
