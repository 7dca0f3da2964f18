"""Logging in by a link that works once. Opening it only asks; the button behind it logs in.

Link previewers open what they see: if opening were enough, a chat program would use a link up before its reader could.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from bots.errors import SettingError
from bots.platforms.web.sessions import is_from_our_page, sign_in, sign_out
from bots.platforms.web.signing import LOGIN_LIFETIME, Clock, LoginToken, LoginTokens, wall_clock


class UsedTokens(Protocol):
    """Where the ids of used log-in links are kept, shared by all processes."""

    def use(self, token_id: str, expires: datetime) -> bool:
        """Record the id and return True; return False if it was recorded before. Atomic.

        After ``expires`` (UTC) the record is no longer needed: an expired link is refused before it comes here.
        """
        ...


def make_login_link(
    secret_key: str,
    base_url: str,
    groups: Iterable[str],
    lifetime: timedelta = LOGIN_LIFETIME,
    now: Clock = wall_clock,
    *,
    person: str = "",
) -> str:
    """Return a link that logs its first user in with these groups, as this person if one is named.

    Raises SettingError if it would grant nothing.
    """
    granted = {group.strip() for group in groups} - {""}
    if not granted or lifetime <= timedelta(0):
        raise SettingError(
            "A log-in link needs at least one group and a lifetime above zero;"
            " write  transom login-link --groups employees,hr"
        )
    return f"{base_url.rstrip('/')}/login/{LoginTokens(secret_key, now).sign(granted, lifetime, person)}"


@dataclass(frozen=True, slots=True)
class LoginPages:
    """The pages behind a log-in link, and logging out."""

    tokens: LoginTokens
    used: UsedTokens
    now: Clock
    name_of: Callable[[str], str]
    """Returns the name of whoever has an employee number."""

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        blueprint = Blueprint("login", __name__)
        blueprint.add_url_rule("/login/<token>", "confirm", self.confirm)
        blueprint.add_url_rule("/login/<token>", "log_in", self.log_in, methods=["POST"])
        blueprint.add_url_rule("/logout", "log_out", self.log_out, methods=["POST"])
        return blueprint

    def confirm(self, token: str) -> ResponseReturnValue:
        """Show what the link would do, and a button that does it. The link stays unused."""
        link = self.tokens.read(token)
        if link is None:
            return _dead_link()
        name = self.name_of(link.person) if link.person else ""
        return render_template("login.html", person=link.person, name=name, groups=sorted(link.groups))

    def log_in(self, token: str) -> ResponseReturnValue:
        """Use the link up and log in."""
        if not is_from_our_page(request):
            abort(403)
        link = self.tokens.read(token)
        if link is None or not self._first_use(link):
            return _dead_link()
        sign_in(session, link.groups, self.now(), link.person, self.name_of(link.person) if link.person else "")
        session.permanent = True
        return redirect(url_for("chat.page"), 303)

    def log_out(self) -> ResponseReturnValue:
        """Become an anonymous visitor again."""
        if not is_from_our_page(request):
            abort(403)
        sign_out(session)
        return redirect(url_for("chat.page"), 303)

    def _first_use(self, link: LoginToken) -> bool:
        return self.used.use(link.id, link.expires)


def _dead_link() -> ResponseReturnValue:
    return render_template("message.html", kind="login"), 410
