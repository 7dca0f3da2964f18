"""Wires conversations: the web process that takes messages in, and the worker that answers and delivers them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from urllib.parse import urlsplit

from flask import Blueprint, Flask

from bots.accounts import Channels, SlackWorkspace
from bots.compose.installation import Transom, wired
from bots.compose.model import served_name
from bots.compose.modes import Doing, doing, lookups, name_of
from bots.conversations.answering import Asker
from bots.conversations.api import ApiQuestions
from bots.conversations.bell import Bell
from bots.conversations.channels import ChannelGroups
from bots.conversations.clerk import Clerk
from bots.conversations.desk import Desk, PageImages
from bots.conversations.forms.desk import Forms
from bots.conversations.handled import AccountWindows
from bots.conversations.handler import Handler
from bots.conversations.inbox.intake import Intake
from bots.conversations.links import LinkedReplies
from bots.conversations.models.insiders import Insiders
from bots.conversations.models.metrics import Metrics
from bots.conversations.models.report import BreakerReport
from bots.conversations.notifications.desk import Notifications
from bots.conversations.outbox.deliver import Deliverer
from bots.conversations.people.viewers import Viewers
from bots.conversations.queue import Queue
from bots.conversations.reading import Readers
from bots.conversations.routing import usable
from bots.conversations.store import UsedLoginLinks
from bots.conversations.sweep import Sweeper
from bots.conversations.uploads import Uploads
from bots.messages import InboundEvent, Place
from bots.platforms.line import LineCourier, LineReader, LineWebhook
from bots.platforms.slack import SlackCourier, SlackEvents, SlackReader, run_socket_mode
from bots.platforms.slack.channels import ChannelNames
from bots.platforms.web import LinkTokens, links
from bots.platforms.web.signing import wall_clock
from bots.ports import Courier, EventReader
from bots.settings import Settings
from bots.web import create_app
from bots.windows.company import company_name
from bots.windows.model import Window
from bots.worker import Worker
from rag_core.errors import DatabaseUnavailable
from rag_core.models.llama.address import socket_path
from rag_core.pages import PageDrawer


@dataclass(frozen=True, slots=True)
class Office:
    """A company that is talked with: its windows, its accounts, and the key that signs links."""

    settings: Settings
    windows: tuple[Window, ...]
    channels: Channels
    secret_key: str

    @property
    def name(self) -> str:
        """The company's name for people."""
        return company_name(self.settings.company)

    def readers(self) -> Mapping[str, EventReader]:
        """Return what reads the platforms' events. A workspace that is gone leaves events nobody reads."""
        return {"line": LineReader(wall_clock), "slack": self.slack_reader()}

    def slack_reader(self) -> SlackReader:
        """Return what reads Slack's events; dates that are picked there are the company's."""
        return SlackReader(self.channels.slack, zone=self.settings.time_zone)

    def forms(self, transom: Transom) -> Forms:
        """Return what dialogs and pages need of forms."""
        served = {account: windows.names for account, windows in self.served().items()}
        return Forms(transom.database, self.windows, served, lookups(transom), self.settings.time_zone)

    def couriers(self) -> Mapping[str, Courier]:
        """Return what brings deliveries to the platforms."""
        return {"line": self.line_courier(), "slack": self.slack_courier()}

    def line_courier(self) -> LineCourier:
        """Return LINE's."""
        return LineCourier(self.channels.line, self.settings.line.api_base)

    def slack_courier(self) -> SlackCourier:
        """Return Slack's."""
        return SlackCourier(self.channels.slack, self.slack_base)

    def served(self) -> dict[tuple[str, str], AccountWindows]:
        """Return which windows each account serves."""
        everything = tuple(window.name for window in self.windows)
        accounts = {("web", "web"): AccountWindows(everything)}
        accounts |= {("line", one.name): AccountWindows(one.windows, one.default) for one in self.channels.line}
        accounts |= {("slack", one.name): AccountWindows(one.windows, one.default) for one in self.channels.slack}
        return accounts | {("api", one.name): AccountWindows(one.windows) for one in self.channels.api}

    def viewers(self, transom: Transom, couriers: Mapping[str, Courier]) -> Viewers:
        """Return what finds out who reads."""
        served = {account: windows.names for account, windows in self.served().items()}
        names = ChannelNames(self.channels.slack, self.slack_base)
        return Viewers(transom.database, couriers, ChannelGroups(self.windows, served, names))

    @property
    def slack_base(self) -> str | None:
        """Where Slack's API is, None for Slack's own; slack_sdk wants the slash at the end."""
        base = self.settings.slack.api_base
        return f"{base.rstrip('/')}/" if base else None


def web_app(office: Office, url: str) -> Flask:
    """Return the web application on a database that runs: pages, API, webhooks."""
    settings, transom = office.settings, wired(office.settings, url)
    queue, bell = Queue(url), Bell(url)
    intake = Intake(transom.database, queue)
    pages = PageImages(transom.database, PageDrawer())
    viewers = office.viewers(transom, office.couriers())
    return create_app(
        Desk(office.windows, intake, transom.database, bell, pages),
        secret_key=office.secret_key,
        company_name=office.name,
        used_tokens=UsedLoginLinks(transom.database),
        link_desk=LinkedReplies(transom.database, viewers, pages),
        api_desk=ApiQuestions(office.channels.api, office.windows, intake, transom.database, bell),
        notify_desk=Notifications(
            office.channels.api, office.windows, transom.database, queue, ours=settings.our_machines
        ),
        api_clients=office.channels.api,
        website=office.channels.website,
        blueprints=[*_webhooks(office, transom, intake, viewers), _metrics(transom)],
        proxies=settings.proxies,
        name_of=partial(name_of, transom.database),
    )


def slack_events(office: Office, transom: Transom, intake: Intake, viewers: Viewers) -> SlackEvents:
    """Return what takes Slack's events in, by HTTP or Socket Mode."""
    return SlackEvents(
        office.channels.slack,
        intake,
        office.slack_reader(),
        api_base=office.slack_base,
        offers=partial(_offers, office, viewers),
        forms=office.forms(transom),
        zone=office.settings.time_zone,
    )


def _offers(office: Office, viewers: Viewers, account: str, person: str) -> Mapping[str, str]:
    """Return the windows a person on Slack may choose from, none while the database cannot say."""
    try:
        groups = viewers.known_groups(Place("slack", account, person, direct=True), person)
    except DatabaseUnavailable:
        return {}
    names = office.served().get(("slack", account), AccountWindows(())).names
    found = usable({window.name: window for window in office.windows}, names, groups, None)
    return {window.name: window.title_in("zh-TW") for window in found}


def socket_mode(office: Office, url: str) -> list[Callable[[Event], None]]:
    """Return what receives Slack's events where no public address leads here: one function a workspace.

    Each receives until the event it is given is set.
    """
    apps = {one.app_token: one for one in office.channels.slack if one.app_token}  # workspaces may share an app
    if not apps:
        return []
    transom = wired(office.settings, url)
    viewers = office.viewers(transom, office.couriers())
    events = slack_events(office, transom, Intake(transom.database, Queue(url)), viewers)
    return [partial(_receive, workspace, events, office.slack_base) for workspace in apps.values()]


def _receive(workspace: SlackWorkspace, events: SlackEvents, base: str | None, stop: Event) -> None:
    run_socket_mode(workspace, events.take, stop, base)


def _webhooks(office: Office, transom: Transom, intake: Intake, viewers: Viewers) -> Sequence[Blueprint]:
    line = LineWebhook(office.channels.line, intake, LineReader(wall_clock))
    return [line.blueprint(), slack_events(office, transom, intake, viewers).blueprint()]


def _metrics(transom: Transom) -> Blueprint:
    settings = transom.settings
    insiders = Insiders(settings.our_machines, urlsplit(settings.public_url or "").hostname)
    model = socket_path(settings.data) if settings.generator == "llama" else None
    return Metrics(transom.database, insiders, model).blueprint()


def worker(office: Office, url: str) -> Worker:
    """Return the worker on a database that runs."""
    settings, transom = office.settings, wired(office.settings, url)
    queue, readers, couriers = Queue(url), Readers(office.readers()), office.couriers()
    clerk, does = clerk_of(office, transom, queue, readers, couriers)
    budgets = {window.name: window.channels.line_pushes for window in office.windows}
    shown = partial(links, settings.public_url or "", LinkTokens(office.secret_key))
    deliverer = Deliverer(transom.database, couriers, shown, lambda name: budgets.get(name, 0))
    sweeper = Sweeper(
        transom.database, queue, readers, settled_s=settings.sweep_s, retention_days=settings.retention_days
    )
    sweeps = [sweeper.sweep, *does.sweeps, *_reports(transom)]
    return Worker(queue, clerk, deliverer, sweeps, threads=settings.workers, sweep_s=settings.sweep_s)


def clerk_of(
    office: Office, transom: Transom, queue: Queue, readers: Readers, couriers: Mapping[str, Courier]
) -> tuple[Clerk, Doing]:
    """Return what handles events, and what its windows do besides answering."""
    fetch = partial(_fetch, couriers, Uploads(transom.database))
    does = doing(transom, office.windows, queue, fetch)
    handler = Handler(
        transom.database,
        office.windows,
        office.served(),
        office.viewers(transom, couriers),
        Asker(transom.answerer, transom.searcher),
        fetch,
        office.name,
        does.modes,
    )
    return Clerk(transom.database, queue, readers, handler, couriers), does


def _reports(transom: Transom) -> list[Callable[[], None]]:
    """Return what tells how the model fares, nothing where none writes."""
    if transom.breaker is None:
        return []
    settings = transom.settings
    model = served_name(settings) if settings.generator == "llama" else settings.openai.model or ""
    return [BreakerReport(transom.database, transom.breaker, model).tell]


def _fetch(couriers: Mapping[str, Courier], uploads: Uploads, event: InboundEvent) -> bytes | None:
    """Return the content of an event's file. The page's are with us already: no courier brings anything there."""
    if event.place.platform == "web":
        return uploads.fetch(event)
    courier = couriers.get(event.place.platform)
    return courier.fetch(event) if courier else None
