"""What a window file says. ``docs/windows.md`` is the reference of its keys."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bots.messages import Language, WindowCard

Department = Literal["產", "銷", "人", "發", "財", "資"]
DEPARTMENTS: tuple[str, ...] = get_args(Department)
LATER_KEYS = ("lookups", "forms", "notifications")
"""Keys whose shape is accepted and kept as written; nothing acts on them yet."""

PLACEHOLDER = "請改成負責的人或部門"
"""The contact of a draft, until people name their own. Nobody is sent to it."""

_SLUG = r"^[a-z][a-z0-9_-]{0,62}$"


def is_slug(value: object) -> bool:
    """Whether this can be the name of a window, a group or an account."""
    return isinstance(value, str) and re.fullmatch(_SLUG, value) is not None


def _titles(value: object) -> object:
    """Take a plain string for a title in the company's first language."""
    return {"zh-TW": value} if isinstance(value, str) else value


def _contact(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _without_repeats(groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(groups))


Words = Annotated[str, AfterValidator(_not_blank)]
Slug = Annotated[str, StringConstraints(pattern=_SLUG)]
Slugs = Annotated[tuple[Slug, ...], Field(min_length=1), AfterValidator(_without_repeats)]
Groups = Slugs
Titles = Annotated[Mapping[Language, Words], Field(min_length=1), BeforeValidator(_titles)]
Raw = Mapping[Slug, Mapping[str, Any]]


class Part(BaseModel):
    """A part of a file: what it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Contact(Part):
    """Whom to ask when the window cannot help. A plain string is the name."""

    name: Words
    slack: Words | None = None
    line: Words | None = None
    email: Words | None = None
    phone: Words | None = None

    def in_one_line(self) -> str:
        """Return everything that is known, for people to read."""
        ways = (self.slack, self.line and f"LINE {self.line}", self.email, self.phone)
        return " · ".join((self.name, *(way for way in ways if way)))


class KnowledgeEntry(Part):
    """Files of one pattern. Without ``audience`` the window's ``serves`` may read them."""

    path: Words
    audience: Groups | None = None
    may_leave_company: bool | None = None


class SlackChannel(Part):
    """A Slack channel the window answers in, and what everyone in that channel may read."""

    channel: Words
    groups: Groups


class WindowChannels(Part):
    """Where on the platforms the window is found. Which accounts serve it, ``channels.yaml`` says."""

    slack: tuple[SlackChannel, ...] = ()
    line: tuple[Words, ...] = ()
    line_pushes: Annotated[int, Field(strict=True, ge=0)] = 0
    """How many pushes on LINE the window may use in a month; they cost money, so none unless the file says so."""


class WindowFile(Part):
    """Everything a person may write in a window file."""

    name: Slug
    department: Department
    title: Titles
    serves: Groups
    persona: str = ""
    contact: Annotated[Contact, BeforeValidator(_contact)] | None = None
    knowledge: tuple[KnowledgeEntry, ...] = ()
    may_leave_company: bool = False
    lookups: Raw = Field(default_factory=dict)
    forms: Raw = Field(default_factory=dict)
    notifications: Raw = Field(default_factory=dict)
    questions: tuple[Words, ...] = ()
    contributors: tuple[Slug, ...] = ()
    """The groups whose people may offer files for the knowledge."""
    channels: WindowChannels = WindowChannels()


class Window(WindowFile):
    """A department's window, and where it is written down."""

    file: Path
    knowledge_lines: tuple[int, ...]
    """The line of each knowledge entry in the file, 1-based."""

    @property
    def audience(self) -> frozenset[str]:
        """Whom the window serves."""
        return frozenset(self.serves)

    @property
    def leaves_company(self) -> bool:
        """Whether passages may go to machines that are not ours: the window says so, and no entry says no."""
        return self.may_leave_company and all(entry.may_leave_company is not False for entry in self.knowledge)

    def title_in(self, language: Language) -> str:
        """Return the title in that language, or in the one there is."""
        return self.title.get(language) or next(iter(self.title.values()))

    def card(self, language: Language) -> WindowCard:
        """Return the window as a visitor sees it in a list."""
        contact = self.contact.in_one_line() if self.contact and self.contact.name != PLACEHOLDER else ""
        return WindowCard(self.name, self.department, self.title_in(language), self.questions, contact)
