"""What works in a window's look-ups, forms and notifications but is probably not meant so."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bots.windows.faults import Where, meant
from bots.windows.model import Window
from bots.windows.modes.form import Approver, Form
from bots.windows.modes.groups import groups_of, likely
from bots.windows.modes.notification import Recipients
from bots.windows.modes.outside import asks_who
from bots.windows.people import PersonRow

Remark = tuple[Where, str]
_CUSTOMERS = "customers"
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def remarks(
    window: Window, company: Path, people: Sequence[PersonRow], environment: Mapping[str, str]
) -> Iterator[Remark]:
    """Yield what is worth a look, with its place in the window file.

    ``people`` are those of people.csv: without any, nothing is said of who could do what. ``environment`` holds the
    variables that ``${NAME}`` refers to.
    """
    yield from _same_examples(window)
    yield from _not_set(window, environment)
    yield from _anonymous_for_nobody(window)
    if people:
        yield from _out_of_reach(window, company, people)
        yield from _empty_groups(window, people)


# --- people ---


def _out_of_reach(window: Window, company: Path, people: Sequence[PersonRow]) -> Iterator[Remark]:
    """Yield the forms and look-ups that are there for nobody."""
    users = [person.groups for person in people if person.groups & window.audience]
    for name, form in window.forms.items():
        if not form.anonymous and not _anybody(users, form.serves):
            yield ("forms", name), f"nobody may hand it in: nobody in people.csv is in {_listed(form.serves, window)}"
    for name, lookup in window.lookups.items():
        if asks_who(lookup, company) and not _anybody(users, lookup.serves):
            yield ("lookups", name), f"nobody may use it: nobody in people.csv is in {_listed(lookup.serves, window)}"


def _anybody(users: Iterable[frozenset[str]], groups: Collection[str] | None) -> bool:
    return any(groups is None or held & set(groups) for held in users)


def _listed(groups: Sequence[str] | None, window: Window) -> str:
    return " or ".join(groups or window.serves) + (f" and also in {' or '.join(window.serves)}" if groups else "")


def _empty_groups(window: Window, people: Sequence[PersonRow]) -> Iterator[Remark]:
    """Yield the groups and people that something is sent to, and who are not there."""
    groups = groups_of(people)
    for name, form in window.forms.items():
        for where, one in form.deciders():
            yield from _of_decider(("forms", name, *where), one, form, groups)
    for name, notification in window.notifications.items():
        if notification.to:
            yield from _of_recipients(("notifications", name, "to"), notification.to, groups, people)


def _of_decider(at: Where, one: Approver, form: Form, groups: Sequence[str]) -> Iterator[Remark]:
    if one.group and one.group not in groups and not likely(one.group, groups):
        yield (
            (*at, "group"),
            f"nobody in people.csv is in {one.group}; {_hint(one.group, groups)}",
        )
    optional = {field.name for field in form.fields if field.optional}
    if one.field in optional and at[2] in ("approval", "assign") and not (one.when or form.escalate):
        yield (*at, "field"), f"{one.field} may be left empty, and then nobody is asked; leave out  optional"


def _of_recipients(at: Where, to: Recipients, groups: Sequence[str], people: Sequence[PersonRow]) -> Iterator[Remark]:
    for index, group in enumerate(to.groups or ()):
        if group not in groups and not likely(group, groups):
            yield (*at, "groups", index), f"nobody in people.csv is in {group}; {_hint(group, groups)}"
    numbers = {person.employee_number.casefold() for person in people}
    for index, number in enumerate(to.people):
        if number.casefold() not in numbers:
            yield (*at, "people", index), f"nobody in people.csv has the employee number {number}"


def _hint(group: str, groups: Sequence[str]) -> str:
    return meant(group, groups, "its groups are")


# --- the file alone ---


def _anonymous_for_nobody(window: Window) -> Iterator[Remark]:
    for name, form in window.forms.items():
        if form.anonymous and _CUSTOMERS not in window.serves:
            yield ("forms", name, "anonymous"), "is for customers, whom this window does not serve"


def _same_examples(window: Window) -> Iterator[Remark]:
    """Yield examples that stand for two things at once: then people are asked each time which one they mean."""
    first: dict[str, tuple[str, str]] = {}
    for section, parts in (("lookups", window.lookups), ("forms", window.forms)):
        for name, part in parts.items():
            for index, example in enumerate(part.examples):
                bare = re.sub(r"\W+", "", example).casefold()
                earlier = first.setdefault(bare, (section, name))
                if earlier != (section, name):
                    yield (section, name, "examples", index), f"{example} is an example of {'.'.join(earlier)} too"


def _not_set(window: Window, environment: Mapping[str, str]) -> Iterator[Remark]:
    """Yield the references to variables that are not set: without them the call cannot be made."""
    for where, value in _references(window):
        for name in _REFERENCE.findall(value):
            if not environment.get(name, "").strip():
                yield where, f"not connected: {name} is not set; to connect it, set it in the environment or .env"


def _references(window: Window) -> Iterator[tuple[Where, str]]:
    for name, lookup in window.lookups.items():
        for header, value in lookup.http.headers.items() if lookup.http else ():
            yield ("lookups", name, "http", "headers", header), value
    for name, form in window.forms.items():
        if form.on_approved:
            yield ("forms", name, "on_approved", "secret"), form.on_approved.secret
