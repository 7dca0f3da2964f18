"""The accounts of the company's ``channels.yaml``, with their secrets. Read by ``bots.windows.channels``."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LineAccount:
    """One LINE official account and the windows it serves. ``default`` answers what no window matches better."""

    name: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    windows: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class SlackWorkspace:
    """One Slack workspace with our app in it. ``app_token`` turns Socket Mode on."""

    name: str
    team: str  # T…
    signing_secret: str = field(repr=False)
    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)  # empty: events come by HTTP
    windows: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Website:
    """Who may embed the widget: origins like https://shop.example, and the windows it shows."""

    origins: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Another system of the company that may ask, as a viewer with these groups."""

    name: str
    token: str = field(repr=False)
    windows: tuple[str, ...]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Channels:
    """All of ``channels.yaml``. Without the file everything is empty."""

    line: tuple[LineAccount, ...] = ()
    slack: tuple[SlackWorkspace, ...] = ()
    website: Website = Website()
    api: tuple[ApiClient, ...] = ()
