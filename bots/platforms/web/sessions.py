"""Who is asking, as the signed session cookie tells it, and whether a request comes from our own page."""

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from flask import Request

from bots.messages import CUSTOMERS, Visitor

SIGNED_IN_FOR = timedelta(hours=12)

Session = MutableMapping[str, Any]


def visitor_of(session: Session, now: datetime) -> Visitor:
    """Return the session's visitor. A new session, or one whose log-in has run out, becomes an anonymous visitor."""
    if "visitor" not in session or session.get("until", now.timestamp()) < now.timestamp():
        sign_out(session)
    return Visitor(session["visitor"], frozenset(session.get("groups", CUSTOMERS)), session.get("person", ""))


def signed_in_as(session: Session, now: datetime) -> tuple[str, ...]:
    """Return who logged in: their name, or the groups of a link for nobody in particular, sorted; () for a visitor."""
    visitor = visitor_of(session, now)
    if "until" not in session:
        return ()
    return (session.get("name") or visitor.person,) if visitor.person else tuple(sorted(visitor.groups))


def sign_in(session: Session, groups: frozenset[str], now: datetime, person: str = "", name: str = "") -> None:
    """Give the session these groups for twelve hours, under a new visitor id: older page links end.

    ``person`` is the employee number of whoever it is from now on; what they may do is looked up each time. ``name`` is
    only shown.
    """
    session["visitor"] = token_urlsafe(16)
    session["groups"] = sorted(groups)
    session["person"] = person
    session["name"] = name
    session["until"] = int((now + SIGNED_IN_FOR).timestamp())


def sign_out(session: Session) -> None:
    """Make the session an anonymous visitor's, under a new id."""
    session.pop("groups", None)
    session.pop("person", None)
    session.pop("name", None)
    session.pop("until", None)
    session["visitor"] = token_urlsafe(16)


def is_from_our_page(request: Request) -> bool:
    """Whether a browser says that one of our own pages sent this. A request that says nothing is not.

    Browsers send Sec-Fetch-Site over https and to localhost only, so Origin stands in. Of Origin the host alone is
    compared: behind a proxy that ends TLS the scheme we see may be another.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def is_from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site's page reads this. Silence is believed: reading changes nothing."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
