"""What a window file says. ``docs/windows.md`` is the reference of its keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from bots.messages import Language, WindowCard
from bots.windows.modes.callback import Callback
from bots.windows.modes.field import Name
from bots.windows.modes.form import Form
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.notification import Notification
from bots.windows.modes.workdays import WEEKDAYS, Calendar
from bots.windows.parts import Groups, Part, Slug, Titles, Words, title_in

Department = Literal["產", "銷", "人", "發", "財", "資"]
DEPARTMENTS: tuple[str, ...] = get_args(Department)
PLACEHOLDER = "請改成負責的人或部門"
"""The contact of a draft, until people name their own. Nobody is sent to it."""


def _contact(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


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
    lookups: Mapping[Name, Lookup] = Field(default_factory=dict)
    forms: Mapping[Name, Form] = Field(default_factory=dict)
    notifications: Mapping[Name, Notification] = Field(default_factory=dict)
    callbacks: tuple[Callback, ...] = ()
    """The hosts that may be told what came of a confirmation."""
    questions: tuple[Words, ...] = ()
    contributors: tuple[Slug, ...] = ()
    """The groups whose people may offer files for the knowledge."""
    channels: WindowChannels = WindowChannels()


class Window(WindowFile):
    """A department's window, and where it is written down."""

    file: Path
    knowledge_lines: tuple[int, ...]
    """The line of each knowledge entry in the file, 1-based."""
    calendar: Calendar = WEEKDAYS
    """The company's working days, by which its forms count."""

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
        return title_in(self.title, language)

    def modes_in(self, language: Language) -> Mapping[tuple[str, str], str]:
        """Return the titles of the look-ups and forms by kind and name."""
        lookups = {("lookup", name): one.title_in(language, name) for name, one in self.lookups.items()}
        return lookups | {("form", name): form.title_in(language) for name, form in self.forms.items()}

    def card(self, language: Language) -> WindowCard:
        """Return the window as a visitor sees it in a list."""
        contact = self.contact.in_one_line() if self.contact and self.contact.name != PLACEHOLDER else ""
        return WindowCard(self.name, self.department, self.title_in(language), self.questions, contact)
