"""The Flask application: what every page shares. ``create_app`` makes it from the parts it is given."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from bots.messages import ChatDesk
from bots.platforms.web import LoginPages, UsedTokens, WebChat
from bots.platforms.web.chat import this_language
from bots.platforms.web.faults import log_incident
from bots.platforms.web.languages import TEXTS
from bots.platforms.web.questions import BODY_BYTES
from bots.platforms.web.signing import Clock, LoginTokens, PageTokens, wall_clock

HEADERS = {
    # Nothing from elsewhere, nothing inline, and the browser itself forbids turning text into markup.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # not no-referrer: that would blank the Origin we check
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class _Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, marked Secure whenever the request came over https."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 the signature is Flask's
        return request.is_secure


def create_app(  # noqa: PLR0913 all but the desk by keyword, and wired in one place
    desk: ChatDesk,
    *,
    secret_key: str,
    company_name: str,
    used_tokens: UsedTokens,
    proxies: int = 0,
    patience: float = 90.0,
    now: Clock = wall_clock,
) -> Flask:
    """Return the application.

    ``proxies`` is how many reverse proxies stand in front and may be believed about scheme, host and client address.
    ``patience`` is how long the page waits for the next sentence of a reply, in seconds.
    """
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
    app.register_blueprint(WebChat(desk, PageTokens(secret_key, now), company_name, now, patience).blueprint())
    app.register_blueprint(LoginPages(LoginTokens(secret_key, now), used_tokens, now).blueprint())
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.after_request(_with_headers)
    app.register_error_handler(Exception, _trouble)
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    return app


def _healthz() -> ResponseReturnValue:
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":  # a page says who is signed in
        response.headers["Cache-Control"] = "no-store"
    return response


def _trouble(error: Exception) -> ResponseReturnValue:
    """Answer an exception with a page, or with JSON where the page's script asked. Never with its text."""
    if isinstance(error, HTTPException):
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error  # a redirect
        return _told(error.code, _kind(error.code), "")
    place = str(request.url_rule) if request.url_rule else "no route"
    return _told(500, "incident", log_incident(error, place))


def _kind(status: int) -> str:
    return {404: "missing", 403: "elsewhere", 413: "too_large"}.get(status, "odd")


def _told(status: int, kind: str, incident: str) -> ResponseReturnValue:
    if request.path.startswith("/chat/"):
        sentence = {"missing": "fault_unreadable", "too_large": "fault_too_long"}.get(kind, f"fault_{kind}")
        texts: Any = TEXTS[this_language()]
        return jsonify(message=texts[sentence].format(incident=incident)), status
    return render_template("message.html", kind=kind, incident=incident), status
