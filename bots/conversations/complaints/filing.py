"""Complaints as people handle them: filed by a form, or imported and then handed over to whoever works on them.

Either way a submission carries the work: who takes it, the answer, what the customer is told is the business of
``approvals``. A complaint only adds what it is about, and tells at once whom the form's ``tell`` names.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bots.conversations import notices
from bots.conversations.approvals import chain
from bots.conversations.approvals import store as tasks
from bots.conversations.approvals.asking import Asking
from bots.conversations.approvals.case import Case
from bots.conversations.approvals.steps import Approvals
from bots.conversations.approvals.telling import Teller
from bots.conversations.complaints import form_parts, store
from bots.conversations.complaints.form_parts import Told
from bots.conversations.complaints.sentiment import feeling
from bots.conversations.complaints.store import Kept, NewComplaint
from bots.conversations.complaints.themes import Themes
from bots.conversations.forms.handing_in import summary
from bots.conversations.inbox import store as inbox
from bots.conversations.queue import Queue
from bots.conversations.submissions import store as submissions
from bots.conversations.submissions.store import NewSubmission, Submission
from bots.messages import Arrival, InboundEvent, Kind, Place
from bots.windows.model import Window
from bots.windows.modes.form import Form
from rag_core.database import ViewerConnection, scoped

COMPLAINT = "complaint"
"""The notice's kind: ``complaint=SUBMISSION``."""
_IMPORTED = "import"  # the account that imported complaints come by


class Complaints:
    """Takes complaints up, in the transaction it is handed. ``zone``: the company's."""

    def __init__(self, queue: Queue, windows: Sequence[Window], zone: ZoneInfo) -> None:
        self._queue, self._zone = queue, zone
        self._asking = Asking(Teller(queue), zone)
        self._approvals = Approvals(queue, windows, zone)
        self._windows: Mapping[str, Window] = {window.name: window for window in windows}

    def filed(self, viewer: ViewerConnection, submission: Submission, form: Form, window: Window) -> None:
        """Keep a complaint that the viewer has handed in, and tell whom it concerns. Other forms are none."""
        if form.kind != "complaint":
            return
        store.add_filed(viewer, _of_submission(submission, form))
        self._tell(viewer, submission, form, window)

    def hand_over(self, viewer: ViewerConnection, complaint: Kept, form_name: str) -> Submission:
        """Have people work on an imported complaint, as if it had been filed by this form of its window.

        They are asked whatever the ``when`` of ``assign`` says: somebody has decided it for this one. The viewer is
        the complaint's reader. Nobody is told the outcome: there is nobody to tell.
        """
        window = self._windows[complaint.window]
        form, now = window.forms[form_name], datetime.now(UTC)
        place = Place("web", _IMPORTED, str(complaint.id), direct=False)
        event = InboundEvent(f"complaint:{complaint.id}", place, Kind.IGNORED, "", now)
        inbox.take_in(scoped(viewer), [Arrival(event, "{}")])
        new = _handed_over(complaint, window, form_name, place)
        submission = submissions.insert(viewer, new, event.id, now.astimezone(self._zone).year)
        store.becomes(viewer, complaint.id, submission.id)
        self._approvals.begin(viewer, submission, form, window)
        self._tell(viewer, submission, form, window)
        return submission

    def _tell(self, viewer: ViewerConnection, submission: Submission, form: Form, window: Window) -> None:
        """Tell those who are to hear of it and do not work on it, once."""
        connection, case = scoped(viewer), Case(submission, form, window)
        request = case.request(self._zone)
        assigned = form.assign if submission.state == "open" else chain.worker(form, request)
        work = str(chain.rule_of(assigned, request)) if assigned else ""
        working = set(tasks.entitled(connection, work, request.requester)) if work else set()
        concerned = [number for number in self._asking.hearers(connection, case) if number not in working]
        reached = notices.reachable(connection, concerned, window.name).values()
        notices.tell(connection, self._queue, reached, f"{COMPLAINT}={submission.id}", f"{COMPLAINT}:{submission.id}")


def _of_submission(submission: Submission, form: Form) -> NewComplaint:
    said = form_parts.told(form, submission.values, submission.summary)
    felt = feeling(said.text)
    return NewComplaint(
        submission=submission.id,
        reader=submission.reader,
        source=submission.place.platform,
        source_key=f"submission:{submission.id}",
        channel=submission.place.platform,
        at=submission.created_at,
        window=submission.window,
        product=said.product,
        text=said.text,
        theme=said.theme or Themes(form_parts.themes_of(form)).nearest(said.text),
        theme_by="person" if said.theme else "terms",
        sentiment=felt.sentiment,
        score=felt.score,
    )


def _handed_over(complaint: Kept, window: Window, form_name: str, place: Place) -> NewSubmission:
    form = window.forms[form_name]
    values = form_parts.filled(form, Told(complaint.theme, complaint.text, complaint.product))
    said = {name: str(value) for name, value in values.items()}
    return NewSubmission(
        window=window.name,
        form=form_name,
        reader=complaint.reader,
        employee_number=None,
        values=values,
        computed={},
        summary=summary(form, said, "zh-TW"),
        state="waiting" if form.approval else "open" if form.assign else "done",
        place=place,
        language="zh-TW",
    )
