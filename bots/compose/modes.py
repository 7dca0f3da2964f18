"""Wires what windows do besides answering: look-ups, forms with their approvals, notifications, the tour."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bots.compose.installation import Transom
from bots.conversations.approvals.mode import ApprovalMode
from bots.conversations.approvals.steps import Approvals
from bots.conversations.approvals.sweep import ApprovalSweeper
from bots.conversations.calls.http import Poster
from bots.conversations.calls.sender import Caller
from bots.conversations.complaints.filing import Complaints
from bots.conversations.complaints.mode import ComplaintMode
from bots.conversations.forms.forgetting import ForgottenDrafts
from bots.conversations.forms.mode import FormMode
from bots.conversations.forms.store import find_people
from bots.conversations.intents.recogniser import Recogniser
from bots.conversations.lookups.http import HttpReader
from bots.conversations.lookups.lookups import Lookups
from bots.conversations.lookups.mode import LookupMode
from bots.conversations.modes import Modes, joined
from bots.conversations.notifications.confirmations.expiring import ExpiredConfirmations
from bots.conversations.notifications.confirmations.mode import ConfirmationMode
from bots.conversations.notifications.mode import NotificationMode
from bots.conversations.notifications.recipients.rows import rows_by
from bots.conversations.notifications.scheduler import Scheduler
from bots.conversations.notifications.telling import Teller
from bots.conversations.people.store import by_number
from bots.conversations.queue import Queue
from bots.conversations.submissions.store import Submission, has_handed_in
from bots.conversations.tour import Tour
from bots.conversations.uploads import Uploads
from bots.environment import references
from bots.messages import InboundEvent
from bots.windows.model import Window
from bots.windows.modes.form import Form
from bots.windows.modes.meaning import PersonRef
from bots.windows.modes.workdays import WEEKDAYS
from bots.windows.sources import load_sources
from rag_core.database import Database, ViewerConnection
from rag_core.errors import DatabaseUnavailable

Fetch = Callable[[InboundEvent], bytes | None]


@dataclass(frozen=True, slots=True)
class Doing:
    """What a worker needs of the modes: how they are reached, and what is to be looked after now and then."""

    modes: Modes
    sweeps: tuple[Callable[[], None], ...]


def lookups(transom: Transom) -> Lookups:
    """Return what looks records up."""
    settings, environment = transom.settings, references()
    sources = load_sources(settings.company, environment).sources
    http = HttpReader(environment, settings.our_machines)
    return Lookups(transom.database, settings.company, sources, http, settings.time_zone)


def doing(transom: Transom, windows: Sequence[Window], queue: Queue, fetch: Fetch) -> Doing:
    """Return the modes of these windows."""
    database, zone, looks = transom.database, transom.settings.time_zone, lookups(transom)
    approvals = Approvals(queue, windows, zone)
    lookup = LookupMode(database, looks, zone, partial(people_called, database))
    form = FormMode(database, looks, zone, fetch, partial(_handed_in, approvals, Complaints(queue, windows, zone)))
    approval = ApprovalMode(database, windows, approvals, zone)
    tour = Tour(database, queue)
    modes = joined(
        Modes(recognise=Recogniser(windows).recognise),
        approval.modes(),  # whoever is asked for a comment writes it, whatever else was begun
        _lookups(lookup),
        _forms(form),
        NotificationMode(database, windows, zone, has_handed_in).modes(),
        ConfirmationMode(database, zone).modes(),
        ComplaintMode(database, windows).modes(),
        Modes(after=(Uploads(database).after,)),
        Modes(notices={"tour": tour.told}, after=(tour.after,), cancels=(approval.cancel, lookup.cancel, form.cancel)),
    )
    return Doing(modes, _sweeps(transom, windows, queue, looks, approvals))


def _handed_in(
    approvals: Approvals,
    complaints: Complaints,
    viewer: ViewerConnection,
    submission: Submission,
    form: Form,
    window: Window,
) -> None:
    approvals.begin(viewer, submission, form, window)
    complaints.filed(viewer, submission, form, window)


def people_called(database: Database, text: str) -> Sequence[PersonRef]:
    """Return the people of this name, employee number or e-mail address."""
    with database.application() as connection:
        return [PersonRef(number, name) for number, name in find_people(connection, text)]


def name_of(database: Database, number: str) -> str:
    """Return the name of this employee number; the number itself where nobody has it, or the database is away."""
    with suppress(DatabaseUnavailable), database.application() as connection:
        person = by_number(connection, number)
        return person.name if person else number
    return number


def _lookups(mode: LookupMode) -> Modes:
    return Modes(
        taps={"lookup": mode.tap, "more": mode.more}, begins={"lookup": mode.begin}, in_progress=(mode.goes_on,)
    )


def _forms(mode: FormMode) -> Modes:
    return Modes(
        taps={"form": mode.tap_form, "fill": mode.fill, "requests": mode.requests, "request": mode.request},
        words={"requests": mode.requests},
        in_progress=(mode.in_progress,),
        begins={"form": mode.begin},
        submit=mode.submit,
        files=(mode.file,),
        reminders=(mode.reminders,),
    )


def _sweeps(
    transom: Transom, windows: Sequence[Window], queue: Queue, looks: Lookups, approvals: Approvals
) -> tuple[Callable[[], None], ...]:
    settings, database = transom.settings, transom.database
    caller = Caller(database, windows, references(), Poster(settings.our_machines))
    teller = Teller(
        database,
        queue,
        rows_by(looks),
        settings.time_zone,
        retention_days=settings.retention_days,
        calendar=next((window.calendar for window in windows), WEEKDAYS),
    )
    return (
        Scheduler(database, windows, settings.time_zone).tick,
        teller.sweep,
        ApprovalSweeper(database, approvals).sweep,
        ExpiredConfirmations(database).sweep,
        caller.sweep,
        ForgottenDrafts(database).sweep,
    )
