"""The Flask application: what every page shares. ``create_app`` makes it from the parts it is given."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from bots.accounts import ApiClient, Website
from bots.platforms.web import Api, LinkPages, LoginPages, Seats, UsedTokens, WebChat, Widget
from bots.platforms.web.api import PREFIX as API
from bots.platforms.web.api import incident_problem, problem
from bots.platforms.web.api_requests import Problem
from bots.platforms.web.chat import NEWS_S
from bots.platforms.web.faults import log_incident
from bots.platforms.web.guards import policy
from bots.platforms.web.languages import TEXTS, this_language
from bots.platforms.web.questions import BODY_BYTES
from bots.platforms.web.seats import SEATS
from bots.platforms.web.signing import (
    AnswerTokens,
    Clock,
    LinkTokens,
    LoginTokens,
    PageTokens,
    VisitorTokens,
    wall_clock,
)
from bots.platforms.web.visitors import Visitors
from bots.ports import ApiDesk, ChatDesk, LinkDesk, NotifyDesk

HEADERS = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # not no-referrer: that would blank the Origin we check
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

_HOOKS = ("/line/", "/slack/")
_HOOK_BYTES = 1024 * 1024  # a platform sends several events at once
_NO_SESSION = (*_HOOKS, API, "/s/", "/a/", "/f/", "/widget", "/static/", "/healthz")


class _Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, marked Secure whenever the request came over https; none for machines and links."""

    def open_session(self, app: Flask, request: Any) -> SecureCookieSession | None:
        """Return the session; a blank one, that nobody will keep, where there is none."""
        return SecureCookieSession() if _is_below(_NO_SESSION) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie, where there is a session."""
        if not _is_below(_NO_SESSION):
            super().save_session(app, session, response)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 the signature is Flask's
        return request.is_secure


def create_app(  # noqa: PLR0913 all but the desk by keyword, and wired in one place
    desk: ChatDesk,
    *,
    secret_key: str,
    company_name: str,
    used_tokens: UsedTokens,
    link_desk: LinkDesk | None = None,
    api_desk: ApiDesk | None = None,
    notify_desk: NotifyDesk | None = None,
    api_clients: Sequence[ApiClient] = (),
    website: Website = Website(),  # noqa: B008 frozen
    blueprints: Iterable[Blueprint] = (),
    proxies: int = 0,
    patience: float = 90.0,
    streams: int = SEATS,
    news_every: float = NEWS_S,
    now: Clock = wall_clock,
    name_of: Callable[[str], str] = str,
) -> Flask:
    """Return the application. Raises SettingError for a website that is none.

    ``blueprints`` are the platforms' webhooks, below /line/ and /slack/, and the figures at /metrics. ``proxies`` is
    how many reverse proxies stand in front and may be believed about scheme, host and client address. ``patience`` is
    how long the page waits for the next sentence of a reply, in seconds. ``streams`` is how many requests of this
    process may wait for a reply at once. ``news_every`` is how often an open page asks what it was told, in seconds.
    ``name_of`` returns the name of whoever has an employee number; left out, the number stands for it.
    """
    app = _bare_app(secret_key, proxies)
    seats, visitors = Seats(streams), Visitors(VisitorTokens(secret_key, now), website, now)
    chat = WebChat(desk, visitors, PageTokens(secret_key, now), company_name, now, seats, patience, news_every)
    pages = [chat.blueprint(), LoginPages(LoginTokens(secret_key, now), used_tokens, now, name_of).blueprint()]
    if website.origins and website.windows:
        pages.append(Widget(desk, visitors, patience, news_every).blueprint())
    if link_desk:
        pages.append(LinkPages(link_desk, LinkTokens(secret_key, now)).blueprint())
    if api_desk and api_clients:
        pages.append(Api(api_desk, tuple(api_clients), AnswerTokens(secret_key, now), seats, notify_desk).blueprint())
    for blueprint in (*pages, *blueprints):
        app.register_blueprint(blueprint)
    return app


def _bare_app(secret_key: str, proxies: int) -> Flask:
    """Return the application with what all its pages share."""
    app = Flask("bots.web", static_folder=None)
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="transom",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # so that static files set no cookie
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=BODY_BYTES,
    )
    app.session_interface = _Sessions()
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.before_request(_admit)
    app.after_request(_with_headers)
    app.register_error_handler(Exception, _trouble)
    if proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
        app.wsgi_app = fixed  # type: ignore[method-assign]  # as werkzeug's documentation has it
    return app


def _is_below(paths: tuple[str, ...]) -> bool:
    return request.path.startswith(paths)


def _admit() -> None:
    """Let a platform send more than a person may."""
    if _is_below(_HOOKS):
        request.max_content_length = request.max_form_memory_size = _HOOK_BYTES


def _healthz() -> ResponseReturnValue:
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "frame-ancestors 'none'" not in response.headers["Content-Security-Policy"]:
        del response.headers["X-Frame-Options"]  # it knows no origins, and some browsers would believe it first
    if response.mimetype == "text/html" or _is_below((API,)):  # a page says who is signed in
        response.headers["Cache-Control"] = "no-store"
    return response


def _trouble(error: Exception) -> ResponseReturnValue:
    """Answer an exception with a page, or with JSON or a line where no person reads it. Never with its text."""
    if isinstance(error, HTTPException):
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST or error.response is not None:
            return error  # a redirect, or what a blueprint has worded itself
        return _told(error.code)
    place = str(request.url_rule) if request.url_rule else "no route"
    if _is_below((API,)):
        return incident_problem(error, place)
    return _told(500, log_incident(error, place))


def _told(status: int, incident: str = "") -> ResponseReturnValue:
    if _is_below((API,)):
        said = {413: f"At most {BODY_BYTES // 1024} KiB."}.get(status, HTTPStatus(status).description)
        return problem(Problem(status, said))
    if _is_below(_HOOKS):
        return f"{HTTPStatus(status).phrase}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
    kind = {404: "missing", 403: "elsewhere", 413: "too_large", 500: "incident"}.get(status, "odd")
    if _is_below(("/chat/",)):
        sentence = {"missing": "fault_unreadable", "too_large": "fault_too_long"}.get(kind, f"fault_{kind}")
        texts: Any = TEXTS[this_language()]
        return jsonify(message=texts[sentence].format(incident=incident)), status
    return render_template("message.html", kind=kind, incident=incident), status
