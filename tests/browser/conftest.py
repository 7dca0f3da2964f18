"""A real browser and a real server: Debian's chromium against the application in a thread."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from random import Random
from threading import Thread
from time import sleep
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from fakes.desk import FakeDesk, FakeUsedTokens
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import FileWrapper

from bots.accounts import Website
from bots.platforms.web import make_login_link
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
PATIENCE = 3.0  # seconds

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 the name is werkzeug's
        pass


class _Served:
    """The application as it is served here. Files are read before they are sent: werkzeug's server would leave one open
    when the browser goes away in the middle. With TRANSOM_SOAK every request waits, each for another time: nothing may
    count on when answers come.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self._random = app, Random(4)
        self._longest_s = 0.6 if os.environ.get("TRANSOM_SOAK") else 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/static"):
            sleep(self._random.uniform(0.0, self._longest_s))
        body = self._app(environ, start_response)
        if not isinstance(body, FileWrapper):
            return body
        with closing(body):
            return list(body)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve on a free port of this machine while the context lasts."""
    server = make_server("127.0.0.1", 0, _Served(app), threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Serve(Protocol):
    """Serves another application beside the one under test, and returns its address."""

    def __call__(self, app: Flask) -> str: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(served(app))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, for one file: while playwright is there, its event loop is in the way of others'."""
    path = os.environ.get("TRANSOM_TEST_CHROMIUM", "/usr/bin/chromium")
    if not (Path(path).is_file() or shutil.which(path)):
        pytest.skip(
            f"no Chromium at {path}; apt-get install chromium fonts-noto-cjk, or name one in TRANSOM_TEST_CHROMIUM"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which(path), args=_FLAGS)
        yield browser
        browser.close()


class Pages:
    """Opens pages, each in a fresh profile, and collects what the browser complains about on any of them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []
        self._forgiven: list[str] = []

    def __call__(self, url: str, width: int = 1280, height: int = 860, locale: str = "zh-TW", **options: Any) -> Page:
        context = self._browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        self._contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        page.on("console", lambda said: self._complaints.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: (self._complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(url)
        return page

    def forgive(self, words: str) -> None:
        """Expect complaints with these words."""
        self._forgiven.append(words)

    def close(self) -> list[str]:
        """Close everything and return the complaints that nobody expected."""
        for context in self._contexts:
            context.close()
        return [said for said in self._complaints if not any(words in said for words in self._forgiven)]


@pytest.fixture
def open_page(browser: Browser, base_url: str) -> Iterator[Pages]:
    """Opens pages of the server at ``base_url``, which outlives them. An unexpected complaint fails the test."""
    pages = Pages(browser)
    yield pages
    assert pages.close() == []


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def app(desk: FakeDesk) -> Flask:
    return create_app(
        desk,
        secret_key=SECRET,
        company_name="A公司",
        used_tokens=FakeUsedTokens(),
        website=Website(("https://shop.example",), ("sales",)),
        patience=PATIENCE,
    )


@pytest.fixture
def base_url(app: Flask) -> Iterator[str]:
    """The address of ``app``, served for one test. Override ``app`` to test another application."""
    with served(app) as url:
        yield url


@pytest.fixture
def login_link(base_url: str) -> Callable[..., str]:
    """Makes a log-in link to the served application."""
    return lambda *groups: make_login_link(SECRET, base_url, groups)
