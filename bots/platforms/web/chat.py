"""The chat page and what its script calls: ask, follow, what was asked before, forget, page images, attached files."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from bots.errors import InboxUnavailable
from bots.messages import FILE_BYTES, Language, Reply, Visitor
from bots.platforms.web.attachments import as_response
from bots.platforms.web.faults import register_faults, sentence_for
from bots.platforms.web.files import KINDS, read_file
from bots.platforms.web.languages import TEXTS, is_language, this_language, worded
from bots.platforms.web.questions import (
    QUESTION_LENGTH,
    HandedIn,
    Message,
    Question,
    Tap,
    Unreadable,
    read_mark,
    read_message,
    read_said,
    read_window,
)
from bots.platforms.web.seats import Seats, seated
from bots.platforms.web.sessions import is_from_elsewhere, is_from_our_page, signed_in_as, visitor_of
from bots.platforms.web.shown import ANY_FILE, Show, Shower, Shown
from bots.platforms.web.signing import Clock, PageTokens
from bots.platforms.web.stream import HEADERS, event_stream, waiting
from bots.platforms.web.visitors import Visitors, is_from_widget
from bots.ports import Attached, ChatDesk

NEWS_S = 15.0


@dataclass(frozen=True, slots=True)
class WebChat:
    """The web chat of one company. ``patience`` is how long the page waits for the next sentence, in seconds.

    ``seats`` is how many streams one process keeps open; a page that finds none asks again every second.
    ``news_every`` is how often an open page asks what it was told without asking, in seconds: that holds no seat.
    """

    desk: ChatDesk
    visitors: Visitors
    tokens: PageTokens
    company_name: str
    now: Clock
    seats: Seats
    patience: float = 90.0
    news_every: float = NEWS_S

    def blueprint(self) -> Blueprint:
        """Return the routes, with their templates and static files."""
        blueprint = Blueprint("chat", __name__, template_folder="templates", static_folder="static")
        blueprint.add_url_rule("/", "page", self.page)
        blueprint.add_url_rule("/chat/ask", "ask", self.ask, methods=["POST"])
        blueprint.add_url_rule("/chat/file", "file", self.file, methods=["POST"])
        blueprint.add_url_rule("/chat/stream", "stream", self.stream)
        blueprint.add_url_rule("/chat/asked", "asked", self.asked)
        blueprint.add_url_rule("/chat/news", "news", self.news)
        blueprint.add_url_rule("/chat/forget", "forget", self.forget, methods=["POST"])
        blueprint.add_url_rule("/pages/<token>.png", "page_image", self.page_image)
        blueprint.add_url_rule("/files/<uuid:file>", "attachment", self.attachment)
        blueprint.add_url_rule("/language", "language", self.language, methods=["POST"])
        blueprint.app_context_processor(self.common)
        register_faults(blueprint)
        return blueprint

    def common(self) -> dict[str, Any]:
        """Return what every template shows: the sentences, the company's name, and whom we take the visitor for."""
        signed_in = signed_in_as(session, self.now())
        return worded(this_language()) | {"company_name": self.company_name, "signed_in": signed_in}

    def page(self) -> ResponseReturnValue:
        """Show the windows this visitor may use, and the chat."""
        language, visitor = this_language(), visitor_of(session, self.now())
        session.permanent = True
        self.desk.come(visitor, language)
        windows = [asdict(window) for window in self.desk.windows(visitor, language)]
        data = page_data(language, windows, self.patience, self.news_every) | {"person": bool(visitor.person)}
        return render_template("chat.html", windows=windows, data=data)

    def ask(self) -> ResponseReturnValue:
        """Store a question, a tap or a form, and follow its reply. What cannot be stored is a sentence in JSON."""
        said = read_said(_sent())
        message, language = said.message, this_language()
        visitor = self.visitors.at(message.window)
        match said:
            case Question(text=text):
                self.desk.put(visitor, message.window, message.id, text, language)
            case Tap(label=label, data=data):
                self.desk.tap(visitor, message.window, message.id, label, data, language)
            case HandedIn(filled=filled):
                self.desk.hand_in(visitor, message.window, message.id, filled, language)
        return self._followed(visitor, message, "", language)

    def file(self) -> ResponseReturnValue:
        """Store a file, and follow its reply. What cannot be stored is a sentence in JSON."""
        if not is_from_our_page(request):
            abort(403)
        message, attached = self._uploaded()
        visitor, language = self.visitors.at(message.window), this_language()
        self.desk.attach(visitor, message.window, message.id, attached, language)
        return self._followed(visitor, message, "", language)

    def _uploaded(self) -> tuple[Message, Attached]:
        """Return what is being sent, from a seat: a slow connection holds its thread like a stream. Raises Unreadable.

        Whoever may send nothing is told so only after it has come: a connection that is cut before tells nothing.
        """
        if not self.seats.take():
            raise InboxUnavailable("Every seat is taken; nothing was taken in.")
        try:
            return read_file(request)
        finally:
            self.seats.leave()

    def stream(self) -> ResponseReturnValue:
        """Go on following a reply after a mark: the header Last-Event-ID, or the argument last_event_id."""
        _must_be_ours()
        message = read_message(request.args.get("window", ""), request.args.get("message", ""))
        mark = request.headers.get("Last-Event-ID") or request.args.get("last_event_id", "")
        return self._followed(self.visitors.at(message.window), message, read_mark(mark), this_language())

    def asked(self) -> ResponseReturnValue:
        """Tell the conversation with a window so far."""
        _must_be_ours()
        window = read_window(request.args.get("window"))
        visitor = self.visitors.at(window)
        show = self._shower(visitor)
        kept = [
            {
                "id": one.id,
                "question": one.question,
                "file": one.file,
                "told": one.told,
                "reply": show(one.reply, one.delivery) if one.reply else None,
            }
            for one in self.desk.asked(visitor, window)
        ]
        # Found out after what is shown was read: a form that stands there has been begun by now.
        now = {"files": self.desk.takes_files(visitor, window), "forms": self._forms(visitor)}
        return jsonify(asked=kept, **now), {"Cache-Control": "no-store"}

    def news(self) -> ResponseReturnValue:
        """Tell at which windows something waits that nobody has seen, and what is the newest at the open one."""
        _must_be_ours()
        window = read_window(request.args["window"]) if request.args.get("window") else ""
        visitor = self.visitors.at(window)
        self.desk.come(visitor, this_language())
        news = self.desk.news(visitor, window)
        return jsonify(waiting=news.waiting, newest=news.newest), {"Cache-Control": "no-store"}

    def forget(self) -> ResponseReturnValue:
        """Begin a new conversation with a window."""
        sent = _sent()
        window = read_window(sent.get("window") if isinstance(sent, dict) else None)
        self.desk.forget(self.visitors.at(window), window)
        return "", 204

    def page_image(self, token: str) -> ResponseReturnValue:
        """Show a cited page as PNG. Whatever is wrong with a link, it is 404: it tells nothing about what exists."""
        wanted = self.tokens.read(token)
        visitor = self.visitors.owner(wanted.visitor) if wanted else None
        image = self.desk.page_image(visitor, wanted.delivery, wanted.number) if wanted and visitor else None
        if image is None:
            abort(404)
        return Response(image, mimetype="image/png", headers={"Cache-Control": "private, max-age=3600"})

    def attachment(self, file: UUID) -> ResponseReturnValue:
        """Show or save a submission's file. Whether it is none or not this visitor's, it is 404."""
        opened = self.desk.attachment(visitor_of(session, self.now()), file)
        if opened is None:
            abort(404)
        return as_response(opened)

    def language(self) -> ResponseReturnValue:
        """Keep the chosen language in the session and go back to the chat."""
        chosen = request.form.get("language")
        if not is_from_our_page(request) or not is_language(chosen):
            abort(400)
        session["language"] = chosen
        session.permanent = True
        return redirect(url_for("chat.page"), 303)

    def _followed(self, visitor: Visitor, message: Message, mark: str, language: Language) -> Response:
        # The stream runs when the request is over, so what it needs of the request is taken now.
        show, explain = self._telling(visitor, message.window), _explainer(language)

        def reply() -> tuple[Reply, str] | None:
            kept = {one.id: one for one in self.desk.asked(visitor, message.window)}.get(message.id)
            return (kept.reply, kept.delivery) if kept and kept.reply else None

        events = event_stream(
            lambda: self.desk.follow(visitor, message.window, message.id, mark), show, explain, self.now
        )
        return Response(seated(self.seats, events, waiting(reply, show, explain)), headers=HEADERS)

    def _telling(self, visitor: Visitor, window: str) -> Show:
        """Return what shows a reply that was just given, with what holds now: may a file come, which forms are open."""
        show = self._shower(visitor)

        def told(reply: Reply, delivery: str) -> Shown:
            now = {"files": self.desk.takes_files(visitor, window), "forms": self._forms(visitor)}
            return show(reply, delivery) | now

        return told

    def _forms(self, visitor: Visitor) -> Shown:
        forms = self.desk.forms(visitor)
        return {"open": sorted(forms.open), "handed_in": dict(forms.handed_in)}

    def _shower(self, visitor: Visitor) -> Shower:
        # The widget's visitor is told by a header, which a link cannot bring: there a file is only named.
        files = "" if is_from_widget(request) else url_for("chat.attachment", file=ANY_FILE)
        return Shower(visitor, self.tokens, url_for("chat.page_image", token="TOKEN"), files)  # noqa: S106 a place to fill


def page_data(
    language: Language, windows: list[dict[str, Any]], patience: float, news_every: float = NEWS_S
) -> dict[str, Any]:
    """Return what the page's script needs to know."""
    return {
        "texts": {key: text for key, text in TEXTS[language].items() if not key.startswith("api_")},
        "language": language,
        "windows": windows,
        "paths": {name: url_for(f"chat.{name}") for name in ("ask", "file", "stream", "asked", "news", "forget")},
        "patience": patience,
        "news_every": news_every,
        "person": False,
        "limits": {"question": QUESTION_LENGTH, "file": FILE_BYTES},
        "kinds": ",".join(KINDS),
    }


def _must_be_ours() -> None:
    if is_from_elsewhere(request):
        abort(403)


def _sent() -> Any:
    """Return the JSON that our page sent. Aborts with 403 or 415; raises Unreadable."""
    if not is_from_our_page(request):
        abort(403)
    if not request.is_json:
        abort(415)
    try:
        return request.get_json(silent=True)
    except RecursionError:  # brackets nested without end
        raise Unreadable("fault_unreadable") from None


def _explainer(language: Language) -> Callable[[Exception], str]:
    return lambda error: sentence_for(error, language, "chat.stream")
