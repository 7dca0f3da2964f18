"""The commands that run: serve (everything), web and worker (the parts), and links that sign a browser in."""

import sys
from functools import partial
from threading import Event, Thread
from typing import Annotated

import structlog
import typer

from bots.cli.company import groups_of, office, read_settings
from bots.compose import engine_options, running, served_name, socket_mode, web_app
from bots.compose import worker as make_worker
from bots.errors import SettingError
from bots.platforms.web import make_login_link
from bots.serve import TRIED_PORTS, free_port, last_address, remember_address
from bots.serve import serve as run_server
from bots.settings import Settings, keep_secret_key
from bots.supervise import Part, supervise
from bots.windows.load import load_company
from bots.windows.people import load_people
from rag_core import embedded
from rag_core.errors import DatabaseUnavailable
from rag_core.models.llama.address import socket_path
from rag_core.models.llama.serve import serve_model

log = structlog.get_logger()


def serve() -> None:
    """Run everything on this machine until stopped: web, worker, and the embedded database without DATABASE_URL."""
    settings = read_settings()
    chosen = "port" in settings.model_fields_set  # a port somebody named is taken or refused, never swapped
    run(settings, free_port(settings.host, settings.port, tried=1 if chosen else TRIED_PORTS))


def web() -> None:
    """Run the web process alone: pages, API and webhooks. Needs a database that runs elsewhere, or starts its own."""
    settings = read_settings()
    with running(settings) as url:
        run_server(partial(web_app, office(settings), url), settings.host, settings.port)


def worker() -> None:
    """Run one worker alone: it answers and delivers. Run as many as you like on one database."""
    settings = read_settings()
    with running(settings) as url:
        company = office(settings)
        stop = Event()
        sockets = [Thread(target=receive, args=[stop], daemon=True) for receive in socket_mode(company, url)]
        for thread in sockets:
            thread.start()
        make_worker(company, url).run()
        stop.set()


def model() -> None:
    """Run the local model alone (TRANSOM_LLAMA__MODEL): one process a GPU. ``serve`` starts it by itself."""
    settings = read_settings()
    serve_model(engine_options(settings), served_name(settings).partition(":")[0], socket_path(settings.data))


def run(settings: Settings, port: int) -> None:
    """Run everything at this port until stopped."""
    load_company(settings.company)  # what is wrong is said now, and by the parts
    model = _model(settings)  # what it lacks too, before anything starts
    keep_secret_key(settings)
    address = f"http://{settings.host}:{port}"
    remember_address(settings.data, address)
    typer.echo(f"窗口在這裡 The windows are open at {address}  (Ctrl-C to stop)")
    typer.echo(f"員工登入 For employees: {sys.argv[0]} login-link --person 員工編號")
    with running(settings) as url:
        environment = {"DATABASE_URL": url, "TRANSOM_PORT": str(port), "TRANSOM_DATA": str(settings.data)}
        parts = [Part("web", ["web"], environment), Part("worker", ["worker"], environment), *model]
        supervise(parts, partial(_look_after_database, settings))


def _model(settings: Settings) -> list[Part]:
    """Return the model process where one is wanted; it stops last, after whoever asks it. Raises if it cannot run."""
    if settings.generator != "llama":
        return []
    engine_options(settings)
    return [Part("model", ["model"], {"TRANSOM_DATA": str(settings.data)})]


def _look_after_database(settings: Settings) -> None:
    if settings.database_url is not None:
        return
    try:
        embedded.revive(settings.data / "postgres")
    except DatabaseUnavailable as error:
        log.warning("the database is not back yet", error=str(error))


def login_link(
    groups: Annotated[str, typer.Option(help="The groups whoever opens it gets, comma-separated.")] = "",
    person: Annotated[str, typer.Option(help="An employee number of people.csv, instead of groups.")] = "",
    url: Annotated[str | None, typer.Option(help="The page's address, if not the one last served at.")] = None,
) -> None:
    """Print a link that signs one browser in as these groups, or as one person; it works once, for 15 minutes.

    Forms, approvals and look-ups about somebody need a person.
    """
    settings = read_settings()
    granted = _groups_of_person(settings, person) if person else groups_of(groups)
    address = url or settings.public_url or last_address(settings.data) or f"http://{settings.host}:{settings.port}"
    key = keep_secret_key(settings).get_secret_value()
    typer.echo(make_login_link(key, address, granted, person=person))


def _groups_of_person(settings: Settings, number: str) -> frozenset[str]:
    found = [one for one in load_people(settings.company)[0] if one.employee_number == number]
    if not found:
        raise SettingError(f"people.csv has no employee number {number}; transom people list shows all.")
    return found[0].groups


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (serve, web, worker, model):
        app.command()(command)
    app.command("login-link")(login_link)
