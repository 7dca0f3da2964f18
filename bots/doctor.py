"""What ``transom doctor`` looks at: each part that has to work, and what to do where it does not."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from bots.accounts import LineAccount, SlackWorkspace
from bots.compose import Office, served_name, try_lookups
from bots.conversations.approvals import store as approvals
from bots.conversations.calls import store as calls
from bots.conversations.inbox import store as inbox
from bots.conversations.models import store as models
from bots.conversations.notifications import store as notifications
from bots.conversations.outbox import store as outbox
from bots.environment import references
from bots.messages import Quota
from bots.platforms import line, slack
from bots.windows.check import check_company
from bots.windows.data import read_data
from rag_core.database import Database
from rag_core.errors import EmbedderUnavailable, GeneratorUnavailable, RagError
from rag_core.models.llama.address import socket_path
from rag_core.models.local import health
from rag_core.models.openai import ping

_COUNTED = 1000
_NAMED = 5
_MISSED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``fix`` says what to do where ``ok`` is false."""

    part: str
    ok: bool
    what: str
    fix: str = ""


def examine(office: Office, url: str) -> Iterator[Finding]:
    """Yield what is found, part by part, slow ones last. Nothing is changed, and nobody is sent anything."""
    yield from _guarded("database", _database(url))
    yield from _guarded("requests", _requests(url))
    yield from _guarded("company", _company(office))
    yield from _guarded("look-ups", _lookups(office, url))
    yield from _guarded("model", _models(office))
    if office.settings.generator != "extractive":
        yield from _guarded("breaker", _breaker(office, url))
    yield from _public_address(office)
    for account in office.channels.line:
        yield from _guarded(f"line:{account.name}", _line(office, account))
    for workspace in office.channels.slack:
        yield from _guarded(f"slack:{workspace.name}", _slack(office, workspace))


def _guarded(part: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except (RagError, OSError) as error:
        yield Finding(part, False, f"cannot be looked at ({type(error).__name__})", str(error))


def _database(url: str) -> Iterator[Finding]:
    with closing(Database(url, pool_size=2)) as database, database.application() as connection:
        failed, stuck = inbox.failed(connection, 1000), outbox.stuck(connection, 1000)
        running = inbox.workers(connection)
    yield Finding("database", True, "reachable and up to date")
    yield Finding("worker", running > 0, f"{running} running", "Run: transom serve, or transom worker.")
    yield Finding("inbox", not failed, f"{len(failed)} events could not be answered", "See: transom inbox failed")
    yield Finding("outbox", not stuck, f"{len(stuck)} deliveries failed or uncertain", "See: transom outbox stuck")


def _requests(url: str) -> Iterator[Finding]:
    """Tell what stands still of forms, approvals and notifications. Nothing is said where nothing does."""
    with closing(Database(url, pool_size=2)) as database, database.application() as connection:
        undecided, uncalled = approvals.stuck(connection, _COUNTED), calls.stuck(connection, _COUNTED)
        missed = notifications.missed(connection, _MISSED_DAYS, _COUNTED)
    if undecided:
        numbers = ", ".join(dict.fromkeys(task.number for task in undecided[:_NAMED]))
        fix = "Give somebody the group or the manager's place in people.csv and sync; it goes on by itself."
        yield Finding("approvals", False, f"{len(undecided)} that nobody can decide: {numbers}", fix)
    if uncalled:
        yield Finding(
            "calls", False, f"{len(uncalled)} calls of your systems were given up", "See: transom calls stuck"
        )
    if missed:
        names = ", ".join(dict.fromkeys(f"{run.window_name}/{run.name}" for run in missed[:_NAMED]))
        fix = "See: transom notifications runs. What was missed is not sent late by itself."
        yield Finding(
            "notifications", False, f"{len(missed)} runs missed or failed in {_MISSED_DAYS} days: {names}", fix
        )


def _company(office: Office) -> Iterator[Finding]:
    """Tell whether the company's files are right: windows, people, tables, accounts, sources."""
    found = check_company(office.settings.company, references())
    what = f"{len(found.windows)} windows, {len(found.faults)} faults in the files"
    yield Finding("company", not found.faults, what, "See: transom windows check")


def _lookups(office: Office, url: str) -> Iterator[Finding]:
    """Tell how many SQL look-ups can be made. Nothing is said where none is declared, and none is run."""
    settings = office.settings
    tried = try_lookups(settings, url, office.windows, read_data(settings.company))
    if tried.count or tried.untried:
        ok = not (tried.failed or tried.lost)
        yield Finding("look-ups", ok, tried.in_words, "See: transom windows check")


def _models(office: Office) -> Iterator[Finding]:
    settings = office.settings
    if settings.generator == "extractive":
        yield Finding("model", True, "none: answers are the documents' own sentences")
        return
    if settings.generator == "llama":
        yield _local_model(office)
        return
    key = settings.openai.api_key.get_secret_value() if settings.openai.api_key else ""
    base, model = settings.openai.base_url or "", settings.openai.model or ""
    try:
        found = ping(base, key)
    except EmbedderUnavailable as error:
        yield Finding("model", False, str(error), "Start the model server, or set TRANSOM_OPENAI__BASE_URL right.")
        return
    yield Finding(
        "model",
        not found or model in found,
        f"{model} at {base}",
        f"The server offers {', '.join(found[:5])}; set TRANSOM_OPENAI__MODEL to one of them.",
    )


def _local_model(office: Office) -> Finding:
    name = served_name(office.settings).partition(":")[0]  # the process has one model, and all its adapters
    try:
        told = health(socket_path(office.settings.data))
    except GeneratorUnavailable as error:
        return Finding("model", False, f"{name}: {error}", "Run: transom serve, or transom model. Its log says more.")
    found, state = str(told.get("model") or name), str(told.get("status"))
    if found != name:
        return Finding("model", False, f"{found} runs, not {name}", "Start transom serve, or transom model, anew.")
    if state == "ok":
        load = f"{told.get('waiting', 0)} waiting, {told.get('writing', 0)} being written"
        return Finding("model", True, f"{name}: ok, {load}")
    wait = "Wait until it is loaded." if state == "loading" else "Look at its log, then start it anew."
    return Finding("model", False, f"{name}: {state}", f"Run: transom serve, or transom model. {wait}")


def _breaker(office: Office, url: str) -> Iterator[Finding]:
    with closing(Database(url, pool_size=2)) as database, database.application() as connection:
        states = models.states(connection)
    if not states:
        yield Finding("breaker", False, "no worker has told its state", "Run: transom serve, or transom worker.")
        return
    worst = max(models.STATES.index(one.state) for one in states)
    state = models.STATES[worst]
    since = min(one.since for one in states if one.state == state).astimezone()
    local = office.settings.generator == "llama"
    look = "transom model's log" if local else "the model server, and TRANSOM_OPENAI__TIMEOUT_S"
    yield Finding(
        "breaker",
        state == "closed",
        f"{state} since {since:%Y-%m-%d %H:%M:%S} ({len(states)} workers)",
        f"Answers are the documents' own sentences meanwhile; it closes by itself once the model answers. See {look}.",
    )


def _public_address(office: Office) -> Iterator[Finding]:
    if not (office.channels.line or office.channels.slack):
        yield Finding("accounts", True, "none connected; see docs/line.md and docs/slack.md")
        return
    public = office.settings.public_url or ""
    ours = bool(office.settings.line.api_base or office.settings.slack.api_base)  # platforms of a test
    yield Finding(
        "address",
        public.startswith("https://") or (ours and bool(public)),
        f"TRANSOM_PUBLIC_URL is {office.settings.public_url or 'not set: replies hold no links to pages'}",
        "Set TRANSOM_PUBLIC_URL to the https address at which people and platforms reach this machine.",
    )


def _line(office: Office, account: LineAccount) -> Iterator[Finding]:
    part = f"line:{account.name}"
    for found in line.check(account, office.settings.public_url or "", api_base=office.settings.line.api_base):
        yield Finding(part, found.ok, found.what, found.fix)
    budgets = {w.name: w.channels.line_pushes for w in office.windows if w.name in account.windows}
    granted = ", ".join(f"{window} {pushes}" for window, pushes in budgets.items() if pushes)
    yield Finding(part, True, f"pushes a month the windows may use: {granted or 'none'}")


def _slack(office: Office, workspace: SlackWorkspace) -> Iterator[Finding]:
    part, base = f"slack:{workspace.name}", office.slack_base
    found = slack.check(workspace, base)
    if not found:
        yield Finding(part, True, "token, scopes and team are right")
    for one in found:
        yield Finding(part, False, one.problem, one.fix)


def quota_line(quota: Quota | None) -> str:
    """Return a month's pushes in words."""
    if quota is None:
        return "LINE could not be asked; transom doctor says why"
    return f"{quota.used} used of {quota.limit}" if quota.limit is not None else f"{quota.used} used, no limit"
