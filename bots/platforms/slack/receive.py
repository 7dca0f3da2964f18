"""Slack's requests: verified, stored, and only then acknowledged.

Events, interactions and slash commands of all workspaces come to one address. A workspace is chosen by the team the
body names, and must be one whose signing secret has verified the body. This uses slack_sdk's SignatureVerifier and
not a bolt App, which stands for one secret, acknowledges before its listener has ended unless told otherwise, answers
what it does not know with 404 (so that Slack sends it again), fails on a timestamp that is no number, and reads the
environment. Bolt carries Socket Mode (``socket.py``), which hands what it gets to the same ``take``.

Slack sends again whatever was not acknowledged within 3 seconds and says so in a header. That header is never
looked at: the first one may have been lost. The inbox knows what it has by the event's id.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier
from werkzeug.exceptions import RequestEntityTooLarge

from bots.accounts import SlackWorkspace
from bots.errors import InboxUnavailable
from bots.messages import Arrival, InboundEvent, Kind
from bots.platforms.slack.calls import SLACK, Api, CallFailed
from bots.platforms.slack.envelope import RECEIVED, TAIPEI, team_of
from bots.platforms.slack.forms import Forms
from bots.platforms.slack.gestures import ASK, ASK_ABOUT, OPENED, QUESTION, question_of
from bots.platforms.slack.modal import ask_modal
from bots.platforms.slack.plain import plain_text, string
from bots.platforms.slack.texts import TEXTS, language_of
from bots.ports import EventReader, FormDesk, Inbox

LARGEST_BODY = 10 * 1024 * 1024
OPEN_WITHIN_S = 2
TRIGGER_S = 2.9  # a trigger_id is good for 3 seconds

log = structlog.get_logger()
Clock = Callable[[], datetime]
Offers = Callable[[str, str], Mapping[str, str]]
"""From an account and a person to the windows that person may choose from: names and titles. Raises nothing."""

_ESCAPE = re.compile(r"\\(?:u0000|.)", re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def no_windows(account: str, person: str) -> Mapping[str, str]:  # noqa: ARG001 one of Offers
    """Offer nothing: the best-matching window answers."""
    return {}


def wall_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack is told: a status, and what it may show. Only 200 acknowledges."""

    status: int = 200
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SlackEvents:
    """Slack's address with us. ``api_base`` ends in /api/; ``offers`` are the windows to choose from in the modal.

    ``forms`` shows forms in modals; without it the conversation asks for them. ``zone`` is the company's.
    """

    workspaces: Sequence[SlackWorkspace]
    inbox: Inbox
    reader: EventReader
    api_base: str | None = None
    clock: Clock = wall_clock
    offers: Offers = no_windows
    forms: FormDesk | None = None
    zone: tzinfo = TAIPEI

    def blueprint(self) -> Blueprint:
        """Return the route POST /slack/events."""
        blueprint = Blueprint("slack", __name__)
        blueprint.add_url_rule("/slack/events", "events", self.events, methods=["POST"])
        return blueprint

    def events(self) -> ResponseReturnValue:
        """Take one request in: 401 if unsigned, 400 if unreadable, 413 above 10 MB, 503 if it cannot be stored."""
        request.max_content_length = LARGEST_BODY
        try:
            raw = request.get_data(cache=False, parse_form_data=False)
        except RequestEntityTooLarge:
            return Response(status=413)
        if len(raw) >= LARGEST_BODY:  # of a body without a length werkzeug reads so much and no more
            return Response(status=413)
        signers = verified(self.workspaces, raw, dict(request.headers), self.clock)
        if not signers:
            log.warning("slack.unsigned", length=len(raw))
            return Response(status=401)
        body = parsed(raw, request.mimetype)
        if body is None:
            return Response(status=400)
        return _http(self._answer(signers, body))

    def take(self, workspace: SlackWorkspace, body: Mapping[str, Any]) -> Answer:
        """Store a verified body and say what Slack is to hear. 503 means that nothing was stored.

        A socket is an app's: what comes through it may be for any workspace that shares the app token.
        """
        sharing = (one for one in self.workspaces if workspace.app_token and one.app_token == workspace.app_token)
        found = _addressed((workspace, *sharing), team_of(body))
        return self._taken(found, body) if found else _of_nobody(workspace.name)

    def _taken(self, workspace: SlackWorkspace, body: Mapping[str, Any]) -> Answer:
        told = body if string(body, "event_id") else {**body, RECEIVED: int(self.clock().timestamp())}
        event = self.reader.read(workspace.name, told)
        if problems := Forms(self.forms, self.zone).problems(event, body):
            return Answer(payload={"response_action": "errors", "errors": problems})
        opened = self._open_form(workspace, event, body)
        if opened:  # kept as a tap of which nothing follows, so that it is known when Slack sends it again
            told = {**told, OPENED: True}
            event = self.reader.read(workspace.name, told)
        try:
            new = self.inbox.take_in([Arrival(event, stored_form(told))])
        except InboxUnavailable:
            log.warning("slack.inbox_unavailable", account=workspace.name, kind=str(event.kind))
            return Answer(200 if opened else 503)
        return self._acknowledged(workspace, body, event, new)

    def _answer(self, signers: Sequence[SlackWorkspace], body: dict[str, Any]) -> Answer:
        if string(body, "type") == "url_verification":
            return Answer(payload={"challenge": string(body, "challenge")})
        if string(body, "ssl_check"):
            return Answer()
        workspace = _addressed(signers, team_of(body))
        return self._taken(workspace, body) if workspace else _of_nobody(*(known.name for known in signers))

    def _acknowledged(
        self, workspace: SlackWorkspace, body: Mapping[str, Any], event: InboundEvent, new: int
    ) -> Answer:
        kind, callback = string(body, "type"), string(body, "callback_id")
        if string(body, "command"):
            return _command_taken(string(body, "command"), plain_text(string(body, "text")))
        if kind == "view_submission" and string(body, "view", "callback_id") == ASK and not question_of(body):
            return Answer(payload={"response_action": "errors", "errors": {QUESTION: TEXTS["zh-TW"]["ask_empty"]}})
        if event.kind is Kind.SUBMIT:
            return Answer(payload={"response_action": "clear"})
        if kind in ("shortcut", "message_action") and callback in (ASK, ASK_ABOUT) and new:
            self._ask(workspace, event, plain_text(string(body, "message", "text")))
        return Answer()

    def _ask(self, workspace: SlackWorkspace, event: InboundEvent, question: str) -> None:
        view = ask_modal(language_of(question), self.offers(workspace.name, event.sender), question)
        self._opened(workspace, event.trigger, view, monotonic() + TRIGGER_S)

    def _open_form(self, workspace: SlackWorkspace, event: InboundEvent, body: Mapping[str, Any]) -> bool:
        """Open the form that a tap is for; say whether it is open. If not, the tap goes the way of all others."""
        until = monotonic() + TRIGGER_S
        view = Forms(self.forms, self.zone).view(event, body)
        return view is not None and self._opened(workspace, event.trigger, view, until)

    def _opened(self, workspace: SlackWorkspace, trigger: str, view: Mapping[str, Any], until: float) -> bool:
        api = Api(workspace.bot_token, self.api_base or SLACK, OPEN_WITHIN_S, until)
        try:
            api.write("views.open", trigger_id=trigger, view=view)
        except CallFailed as failed:
            log.warning("slack.modal", account=workspace.name, reason=failed.reason)
            return failed.reason == "exchanged_trigger_id"  # the same tap, which has opened it before
        return True


def verified(
    workspaces: Iterable[SlackWorkspace], raw: bytes, headers: Mapping[str, str], clock: Clock
) -> list[SlackWorkspace]:
    """Return the workspaces whose signing secret the body is signed with, within the last five minutes."""
    stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    # The verifier itself fails on what is neither a number nor ASCII.
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 15 and signature.isascii()):
        return []
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return []
    now = _SlackTime(clock)
    secrets = [known for known in workspaces if known.signing_secret.strip()]  # Socket Mode needs none
    return [known for known in secrets if SignatureVerifier(known.signing_secret, now).is_valid(text, stamp, signature)]


def parsed(raw: bytes, media_type: str) -> dict[str, Any] | None:
    """Return the JSON object, interactive payload or form that was sent; None if it is none of them."""
    text = raw.decode()
    try:
        if media_type == "application/x-www-form-urlencoded":
            fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
            body = json.loads(fields["payload"]) if "payload" in fields else fields
        else:
            body = json.loads(text)
        json.dumps(body)  # what is nested so deeply that it cannot be written again cannot be stored
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def stored_form(body: Mapping[str, Any]) -> str:
    """Return the JSON to keep: without Slack's old verification token, and without what Postgres cannot take."""
    kept = {name: value for name, value in body.items() if name not in ("token", "bot_access_token")}
    try:
        written = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    except ValueError:  # infinity and NaN, which Python reads and Postgres does not take for JSON
        written = json.dumps(json.loads(json.dumps(kept), parse_constant=lambda _: None), ensure_ascii=False)
    written = _ESCAPE.sub(lambda escape: "" if escape[0] == r"\u0000" else escape[0], written)
    return _LONE_SURROGATE.sub("\ufffd", written)


class _SlackTime(SlackClock):
    """Our clock, as slack_sdk asks it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


def _addressed(workspaces: Iterable[SlackWorkspace], team: str) -> SlackWorkspace | None:
    """Return the workspace of the team. A body that names none (an organisation's) is for the only one there is."""
    candidates = {known.name: known for known in workspaces if team in ("", known.team)}
    return next(iter(candidates.values()), None) if team or len(candidates) == 1 else None


def _of_nobody(*accounts: str) -> Answer:
    log.warning("slack.no_such_team", accounts=accounts)
    return Answer(401)


def _command_taken(command: str, text: str) -> Answer:
    texts = TEXTS[language_of(text)]
    said = texts["received"] if text else texts["usage"].format(command=command)
    return Answer(payload={"response_type": "ephemeral", "text": said})


def _http(answer: Answer) -> Response:
    if not answer.payload:
        return Response(status=answer.status)
    return Response(json.dumps(answer.payload), answer.status, mimetype="application/json")
