"""What crosses the platform boundary: frozen values, free of any platform. The ports are in ``bots.ports``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Language = Literal["zh-TW", "en"]
Platform = Literal["line", "slack", "web", "api"]

CUSTOMERS = frozenset({"customers"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is talking with us, as far as access is concerned. Anonymous visitors have ``{"customers"}``."""

    id: str
    groups: frozenset[str]
    person: str = ""  # the employee number of a signed-in person


@dataclass(frozen=True, slots=True)
class WindowCard:
    """A window as a visitor sees it in a list."""

    name: str
    department: str
    title: str
    questions: tuple[str, ...]  # suggestions to tap
    contact: str  # one line: whom to ask when the window cannot help


# --- what comes in ---


class Kind(StrEnum):
    """What an event is about. A platform's adapter makes everything it knows one of these."""

    MESSAGE = "message"  # text, also from a slash command
    STICKER = "sticker"
    FILE = "file"  # image, file, audio, video
    POSTBACK = "postback"  # a tapped choice: ``data``
    FOLLOW = "follow"  # added as a friend, or first met
    UNFOLLOW = "unfollow"
    JOIN = "join"  # we were taken into a group or channel
    LEAVE = "leave"
    UNSEND = "unsend"  # ``message_id`` was taken back
    EDIT = "edit"  # ``message_id`` now reads ``text``
    HOME = "home"  # Slack's App Home was opened
    FEEDBACK = "feedback"  # 👍 or 👎: ``data`` is "up:DELIVERY" or "down:DELIVERY"
    SUBMIT = "submit"  # a form filled in on a page or in a dialog: ``data`` names it, ``values`` holds what was written
    NOTICE = "notice"  # our own: something is to be told here; ``data`` says what
    IGNORED = "ignored"  # stored, and nothing follows


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said, and where the reply goes.

    ``channel`` is LINE's user, group or room id, Slack's channel id, or the web visitor's id. ``thread`` is Slack's
    thread_ts, the window's name on the web, empty elsewhere.
    """

    platform: Platform
    account: str
    channel: str
    direct: bool  # one person and we; false: a group, room or channel that others read too
    thread: str = ""

    @property
    def conversation(self) -> str:
        """The name of the conversation: what has an order, a history and one worker at a time."""
        return ":".join((self.platform, self.account, self.channel, *([self.thread] if self.thread else [])))


FILE_BYTES = 20 * 1024 * 1024
"""The largest file that we take, wherever it is sent. migrations/ have it as a check."""


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file somebody sent: enough to fetch it. ``media_type`` is what the platform says it is."""

    id: str
    name: str
    media_type: str
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """One thing a platform told us. ``id`` is unique within platform and account, for ever."""

    id: str
    place: Place
    kind: Kind
    sender: str  # the person's id on the platform; empty where the platform does not say
    sent_at: datetime
    text: str = ""  # without the mention of us
    addressed: bool = True  # in a group: whether we are meant
    message_id: str = ""  # of the message itself, or of the one that is unsent or edited
    data: str = ""  # what a tapped choice carries
    file: FileOffer | None = None
    token: str = ""  # LINE's reply token
    token_until: datetime | None = None
    window: str = ""  # chosen on the page or in the call
    groups: frozenset[str] | None = None  # what a signed session or an API client may read; None: the identity decides
    language: Language | None = None  # chosen by the reader; None: the language of the text
    trigger: str = ""  # Slack's trigger_id, for opening a view
    gesture: str = ""  # what the person did, where the platform may tell it twice under different ids
    picked: str = ""  # the date or time chosen with a picker, as ISO 8601 without a zone
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)  # of a submitted form, by field
    person: str = ""  # the employee number that a signed session vouches for
    draft: str = ""  # the draft that a form on a page shows; empty where the form is known by its name alone


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event with the JSON it was read from, which is what the inbox keeps."""

    event: InboundEvent
    body: str  # JSON


# --- what goes out ---


@dataclass(frozen=True, slots=True)
class SourceCard:
    """One citation as a visitor sees it. ``number`` is the [n] in the reply's text."""

    number: int
    chunk_id: int
    title: str
    document: str
    page: int | None
    heading: str  # the heading path in one line
    quote: str
    has_image: bool  # a page image can be opened


Picker = Literal["", "date", "time", "datetime"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap: it says ``say`` as if the person had typed it, or sends ``data`` back to us, or opens ``url``.

    Exactly one of the three is set. ``label`` is shown; platforms shorten it where they must. With ``picker`` the
    platform asks for a date or time first, and sends it as ``picked`` beside the data; where it has none, people write.
    """

    label: str
    say: str = ""
    data: str = ""
    url: str = ""
    picker: Picker = ""
    style: Literal["", "primary", "danger"] = ""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a submission, by its id (a UUID). Whether somebody may open it is found out when they do."""

    id: str
    name: str
    bytes: int

    @property
    def size(self) -> str:
        """The size as people read it."""
        kilobytes = self.bytes / 1024
        return f"{kilobytes / 1024:.1f} MB" if kilobytes >= 1024 else f"{max(1, round(kilobytes))} KB"


@dataclass(frozen=True, slots=True)
class Card:
    """A titled block with things to tap, for lists of windows and tours, and with files to open."""

    title: str
    text: str = ""
    choices: tuple[Choice, ...] = ()
    attachments: tuple[AttachedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Records. Every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form as a page or dialog shows it. ``kind`` is a ``FieldType`` of the window file."""

    name: str
    kind: str
    label: str
    help: str = ""
    optional: bool = False
    choices: tuple[tuple[str, str], ...] = ()  # value, label
    value: str = ""  # filled in already
    example: str = ""
    longest: int = 500


@dataclass(frozen=True, slots=True)
class FormView:
    """A form to fill in at once. ``name`` is "window/form"."""

    name: str
    title: str
    fields: tuple[FormField, ...]
    submit: str  # the button's label
    language: Language = "zh-TW"
    draft: str = ""  # what it is filled in as: it may be handed in as long as that is open


@dataclass(frozen=True, slots=True)
class ReplyPart:
    """One checked sentence while a reply streams."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What we say, free of any platform. ``text`` holds [n] marks that refer to ``sources``."""

    text: str
    sources: tuple[SourceCard, ...] = ()
    refused: bool = False
    notice: str | None = None
    suggestions: tuple[str, ...] = ()  # questions to ask next
    choices: tuple[Choice, ...] = ()  # taps below the reply: another window, the late answer
    cards: tuple[Card, ...] = ()
    window: str = ""  # the title of the window that speaks
    feedback: bool = False  # offer 👍 and 👎
    language: Language = "zh-TW"
    tables: tuple[Table, ...] = ()  # below the text
    form: FormView | None = None  # to be filled in right here, where the platform can; the choices are for where not
    took: bool = False  # the file that was chosen in a form on the page is kept with it


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question of this conversation and our reply's text."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that open in a browser, where the company has a public one.

    ``answer`` shows the reply in full; ``pages`` maps a source's number to its page image, ``files`` the id of an
    attached file to the file.
    """

    answer: str = ""
    pages: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One reply on its way. ``id`` is a UUID and stays the same however often it is tried."""

    id: str
    place: Place
    sender: str  # whom it answers
    reply: Reply
    links: Links = Links()
    attempt: int = 1
    doubtful: bool = False  # an earlier attempt may have arrived
    token: str = ""  # a LINE reply token that is ours alone and still lives
    may_push: bool = False  # the window's budget has room for one push
    progress: str = ""  # the platform's id of the message that streams already
    message_id: str = ""  # the message it answers
    home: bool = False  # a person's App Home, not a message


@dataclass(frozen=True, slots=True)
class Sent:
    """It has arrived, now or earlier. ``ids`` are the platform's ids of the messages."""

    ids: tuple[str, ...] = ()
    pushed: bool = False  # it cost one push


@dataclass(frozen=True, slots=True)
class Again:
    """It has not arrived for certain; try it again after so many seconds. ``doubtful``: it may have arrived."""

    after_s: float
    reason: str  # for logs: a status or an error's kind, never text
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Parked:
    """It cannot be sent now without cost or at all: it waits for the person's next tap or message."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The platform will never take it. ``uncertain``: it may have arrived, and nobody can find out any more."""

    reason: str
    uncertain: bool = False


Outcome = Sent | Again | Parked | Rejected


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform knows of an account. ``email`` only if the platform has verified it and the account is a
    full member of the workspace (no guest, no stranger from another company, not deleted)."""

    email: str = ""
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """Pushes a month: the plan's limit (None: no limit) and how many are used, as the platform says."""

    limit: int | None
    used: int
