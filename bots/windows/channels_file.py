"""What ``channels.yaml`` says: the accounts of the company on the platforms, without their secrets."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from bots.windows.faults import FileKind
from bots.windows.parts import Groups, Part, Slug, Slugs

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TEAM = re.compile(r"T[A-Z0-9]{2,20}")
_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?")
_USUAL_PORTS = {"http": "80", "https": "443"}  # browsers leave these out of an origin
_SETTINGS = ("TRANSOM_", "DATABASE_URL")


def _reference(value: object) -> object:
    """Return the name of the variable that ``${NAME}`` refers to. What is written instead is never shown."""
    if value is None:
        return value  # the field's own type refuses it: it has no value
    found = _REFERENCE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("is written out here; put it into an environment variable or .env, and its name here")
    if found[1].upper().startswith(_SETTINGS):
        raise ValueError(f"refers to {found[1]}, which is a setting of Transom; choose a name of its own")
    return found[1]


def _team(value: str) -> str:
    if not _TEAM.fullmatch(value):
        raise ValueError("must be the workspace's id, a T with capital letters and digits")
    return value


def _origin(value: str) -> str:
    """Return the origin as browsers send it."""
    found = _ORIGIN.fullmatch(value.strip().lower())
    if found is None or not 0 < int(found[3] or 1) < 65536:
        raise ValueError("must be scheme://host or scheme://host:port in ASCII, with nothing after it")
    scheme, host, port = found.groups()
    return f"{scheme}://{host}" + (f":{int(port)}" if port and port != _USUAL_PORTS[scheme] else "")


def _without_repeats(origins: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(origins))


Reference = Annotated[str, BeforeValidator(_reference)]
Team = Annotated[str, AfterValidator(_team)]
Origin = Annotated[str, AfterValidator(_origin)]


class LineEntry(Part):
    """A LINE official account. ``secret`` and ``token`` are names of environment variables."""

    secret: Reference
    token: Reference
    windows: Slugs
    default: Slug | None = None


class SlackEntry(Part):
    """A Slack workspace. The three secrets are names of environment variables; ``app_token`` is for Socket Mode."""

    team: Team
    signing_secret: Reference
    bot_token: Reference
    app_token: Reference | None = None
    windows: Slugs
    default: Slug | None = None


class WebsiteEntry(Part):
    """The pages that may embed the widget."""

    origins: Annotated[tuple[Origin, ...], Field(min_length=1), AfterValidator(_without_repeats)]
    windows: Slugs


class ApiEntry(Part):
    """Another system that may ask. ``token`` is the name of an environment variable."""

    token: Reference
    windows: Slugs
    groups: Groups


class ChannelsFile(Part):
    """The sections of the file. What stands in them is looked at account by account."""

    line: dict[Any, Any] = Field(default_factory=dict)
    slack: dict[Any, Any] = Field(default_factory=dict)
    website: dict[Any, Any] = Field(default_factory=dict)
    api: dict[Any, Any] = Field(default_factory=dict)


CHANNELS_FILE = FileKind(
    noun="channels.yaml",
    sample="windows: [sales]",
    outline="",
    models={"": ChannelsFile, "line": LineEntry, "slack": SlackEntry, "website": WebsiteEntry, "api": ApiEntry},
    examples={
        "line": "line:  and below it  a-company-shop:  with  secret, token, windows",
        "line.secret": "secret: ${LINE_SHOP_SECRET}",
        "line.token": "token: ${LINE_SHOP_TOKEN}",
        "line.windows": "windows: [sales]",
        "line.default": "default: sales",
        "slack": "slack:  and below it  a-company:  with  team, signing_secret, bot_token, windows",
        "slack.team": "team: T0123ABCD",
        "slack.signing_secret": "signing_secret: ${SLACK_SIGNING_SECRET}",
        "slack.bot_token": "bot_token: ${SLACK_BOT_TOKEN}",
        "slack.app_token": "app_token: ${SLACK_APP_TOKEN}",
        "slack.windows": "windows: [hr, it, finance]",
        "slack.default": "default: hr",
        "website": 'website: {origins: ["https://shop.example"], windows: [sales]}',
        "website.origins": 'origins: ["https://shop.example"]',
        "website.windows": "windows: [sales]",
        "api": "api:  and below it  erp:  with  token, windows, groups",
        "api.token": "token: ${ERP_TOKEN}",
        "api.windows": "windows: [sales]",
        "api.groups": "groups: [customers]",
    },
    holds_secrets=True,
)
