"""Reads ``channels.yaml``: by which accounts the windows are reached. One bad account does not stop the others."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from ruamel.yaml.comments import CommentedMap

from bots.accounts import ApiClient, Channels, LineAccount, SlackWorkspace, Website
from bots.windows.channels_file import CHANNELS_FILE, ApiEntry, ChannelsFile, LineEntry, SlackEntry, WebsiteEntry
from bots.windows.faults import SLUG_RULE, Fault, dotted, line_of, meant, model_faults
from bots.windows.model import Window
from bots.windows.parts import is_slug
from bots.windows.yaml_file import read_yaml

FILE = "channels.yaml"

_SECRETS = ("secret", "token", "signing_secret", "bot_token", "app_token")
_OF_ONE_APP = frozenset({"signing_secret", "app_token"})
"""What workspaces may share: one Slack app can be installed in several of them."""

_SHORTEST_TOKEN = 16  # characters of an API client's token, which its people make up

_Entry = TypeVar("_Entry", LineEntry, SlackEntry, ApiEntry, WebsiteEntry)


@dataclass(frozen=True, slots=True)
class LoadedChannels:
    """The accounts that can be used. ``faults`` keep an account or a window of it from being used; ``notes`` do not."""

    channels: Channels
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]


def load_channels(company: Path, environment: Mapping[str, str], windows: Sequence[Window]) -> LoadedChannels:
    """Return the accounts of the company's ``channels.yaml``; without the file there is none, and no fault.

    ``environment`` holds the variables that ``${NAME}`` refers to. An account none of whose variables is set is not
    connected: a note. If some are set and others not, that is a fault. No message holds a secret.
    """
    content = read_yaml(company / FILE, FILE, CHANNELS_FILE) if os.path.lexists(company / FILE) else CommentedMap()
    if isinstance(content, Fault):
        return LoadedChannels(Channels(), (content,), ())
    reader = _Reader(content, environment, windows)
    channels = reader.read()
    disagreements = _disagreements(content, windows, company)
    return LoadedChannels(channels, tuple(_in_order(reader.faults)), (*_in_order(reader.notes), *disagreements))


def _in_order(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(dict.fromkeys(faults), key=lambda fault: fault.line or 0)


class _Reader:
    """Goes through the file once, account by account, and gathers what there is to say."""

    def __init__(self, content: CommentedMap, environment: Mapping[str, str], windows: Sequence[Window]) -> None:
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self._content = content
        self._environment = environment
        self._windows = [window.name for window in windows]
        self._taken: dict[str, tuple[str, ...]] = {}  # value of a team or secret → where it stands

    def read(self) -> Channels:
        try:
            ChannelsFile.model_validate(self._content)
        except ValidationError as error:
            self.faults += model_faults(FILE, error.errors(), self._content, CHANNELS_FILE)
        return Channels(
            tuple(self._line_accounts()),
            tuple(self._slack_workspaces()),
            self._website(),
            tuple(self._api_clients()),
        )

    def _line_accounts(self) -> Iterator[LineAccount]:
        for name, entry in self._entries("line", LineEntry):
            at = ("line", name)
            served, default = self._served(at, entry), self._default(at, entry)
            secrets = self._secrets(at, entry)
            if served and default and secrets:
                first = default if default in served else served[0]
                yield LineAccount(name, secrets["secret"], secrets["token"], served, first)

    def _slack_workspaces(self) -> Iterator[SlackWorkspace]:
        for name, entry in self._entries("slack", SlackEntry):
            at = ("slack", name)
            served, default = self._served(at, entry), self._default(at, entry)
            own = self._is_own((*at, "team"), entry.team)
            secrets = self._secrets(at, entry)
            if served and default and own and secrets:
                first = default if default in served else served[0]
                signing, bot, app = (secrets.get(key, "") for key in ("signing_secret", "bot_token", "app_token"))
                yield SlackWorkspace(name, entry.team, signing, bot, app, served, first)

    def _website(self) -> Website:
        content = self._content.get("website")
        entry = self._entry(("website",), WebsiteEntry) if isinstance(content, CommentedMap) else None
        served = self._served(("website",), entry) if entry else ()
        return Website(entry.origins, served) if entry and served else Website()

    def _api_clients(self) -> Iterator[ApiClient]:
        for name, entry in self._entries("api", ApiEntry):
            served = self._served(("api", name), entry)
            secrets = self._secrets(("api", name), entry)
            if served and secrets:
                yield ApiClient(name, secrets["token"], served, frozenset(entry.groups))

    def _entries(self, section: str, model: type[_Entry]) -> Iterator[tuple[str, _Entry]]:
        """Yield the accounts of a section that are written right, with their names."""
        content = self._content.get(section)
        for name in content if isinstance(content, CommentedMap) else ():
            if not is_slug(name):
                self._fault((section, name), SLUG_RULE, shown=(section, CHANNELS_FILE.shown(str(name))))
            elif (entry := self._entry((section, name), model)) is not None:
                yield name, entry

    def _entry(self, at: tuple[str, ...], model: type[_Entry]) -> _Entry | None:
        part = self._content
        for key in at:
            part = part[key]
        try:
            return model.model_validate(part)
        except ValidationError as error:
            self.faults += model_faults(FILE, error.errors(), self._content, CHANNELS_FILE, at)
            return None

    def _served(self, at: tuple[str, ...], entry: _Entry) -> tuple[str, ...]:
        """Return the windows that there are. One that is wrong must not silence its neighbours."""
        for index, name in enumerate(entry.windows):
            if name not in self._windows:
                hint = meant(name, self._windows, "the windows are") if self._windows else "no window can be read"
                trouble = f'there is no window "{CHANNELS_FILE.shown(name)}"; {hint}'
                self._fault((*at, "windows", index), trouble)
        return tuple(name for name in entry.windows if name in self._windows)

    def _default(self, at: tuple[str, ...], entry: LineEntry | SlackEntry) -> str:
        """Return the window that answers what no other matches better; empty, with a fault, if the file has none."""
        choices = f"write one of its windows, like  default: {CHANNELS_FILE.shown(entry.windows[0])}"
        if entry.default is None and len(entry.windows) > 1:
            self._fault((*at, "default"), f"is missing, and there are {len(entry.windows)} windows; {choices}")
            return ""
        if entry.default is not None and entry.default not in entry.windows:
            self._fault((*at, "default"), f"is none of the account's windows; {choices}")
            return ""
        return entry.default or entry.windows[0]

    def _secrets(self, at: tuple[str, ...], entry: LineEntry | SlackEntry | ApiEntry) -> dict[str, str]:
        """Return what the references stand for; empty, with a note or a fault, if the account cannot be used."""
        names = {key: getattr(entry, key) for key in _SECRETS if getattr(entry, key, None)}
        values = {key: self._environment.get(name, "").strip() for key, name in names.items()}
        if not any(values.values()):
            self.notes.append(_not_connected(at, list(dict.fromkeys(names.values())), line_of(self._content, at)))
            return {}
        # a list, not any(): everything that is wrong is told at once
        good = [self._is_good((*at, key), names[key], value) for key, value in values.items()]
        return values if all(good) else {}

    def _is_good(self, where: tuple[str, ...], name: str, value: str) -> bool:
        trouble = ""
        if not value:
            trouble = f"{name} is not set; set it in the environment or .env, like  {name}=…"
        elif not value.isascii() or not value.isprintable() or " " in value:
            trouble = f"{name} holds blanks or other characters that no key has; copy it anew"
        elif where[0] == "api" and len(value) < _SHORTEST_TOKEN:
            trouble = f"{name} is too short to be safe; use at least {_SHORTEST_TOKEN} characters"
        if trouble:
            self._fault(where, trouble)
        return not trouble and self._is_own(where, value)

    def _is_own(self, where: tuple[str, ...], value: str) -> bool:
        """Whether no other place of the file has this team or secret: an account could be taken for the other one."""
        earlier = self._taken.setdefault(value, where)
        if earlier == where or (where[-1] in _OF_ONE_APP and (earlier[0], earlier[-1]) == (where[0], where[-1])):
            return True
        self._fault(where, f"is the same as that of {dotted(earlier)}; each needs its own")
        return False

    def _fault(self, where: Sequence[str | int], trouble: str, shown: Sequence[str] = ()) -> None:
        self.faults.append(Fault(FILE, line_of(self._content, where), f"{dotted(shown or where)}: {trouble}"))


def _not_connected(at: tuple[str, ...], names: Sequence[str], line: int) -> Fault:
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    how = f"to connect it, set {them} in the environment or .env"
    return Fault(FILE, line, f"{dotted(at)}: not connected: {listed} {are} not set; {how}")


def _disagreements(content: CommentedMap, windows: Sequence[Window], company: Path) -> Iterator[Fault]:
    """Tell where a window counts on an account that does not list it: what channels.yaml says is what counts."""
    accounts, workspaces = _listed(content, "line"), _listed(content, "slack")
    for window in windows:
        file = window.file.relative_to(company).as_posix()
        for account in window.channels.line:
            if trouble := _line_trouble(account, window.name, accounts):
                yield Fault(file, None, f"channels.line: {trouble}")
        if window.channels.slack and not any(window.name in listed for listed in workspaces.values()):
            yield Fault(
                file,
                None,
                f"channels.slack: no workspace of {FILE} lists {window.name}, so it is not on Slack; add it"
                f" to the workspace's  windows: [{window.name}]",
            )


def _line_trouble(account: str, window: str, accounts: Mapping[str, Sequence[object]]) -> str:
    if account not in accounts:
        known = [name for name in accounts if is_slug(name)]
        hint = meant(account, known, "its accounts are") if known else "it has no LINE account"
        return f"{account} is not in {FILE}; {hint}"
    if window in accounts[account]:
        return ""
    return f"{account} does not list {window} in {FILE}, and that is what counts; add it there to  windows: [{window}]"


def _listed(content: CommentedMap, section: str) -> dict[str, Sequence[object]]:
    """Return the windows each account of a section lists, whether or not the account can be used."""
    accounts = content.get(section)
    if not isinstance(accounts, CommentedMap):
        return {}
    entries = {name: entry.get("windows") for name, entry in accounts.items() if isinstance(entry, CommentedMap)}
    return {name: windows if isinstance(windows, list) else () for name, windows in entries.items()}
