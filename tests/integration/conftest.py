"""A real Postgres: one embedded server a session, one database a test, cloned from a migrated template."""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from integration.talking import Talk, prepare

from rag_core import embedded
from rag_core.database import Database, migrate

_numbers = count(1)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The owner's URL of a migrated database that serves as the template of all others."""
    folder = Path(tempfile.mkdtemp(prefix="transom-test-"))
    yield (url := embedded.start(folder / "postgres"))
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)
    del url


@pytest.fixture(scope="session")
def template_url(server_url: str) -> str:
    """The migrated template; nobody stays connected to it."""
    migrate(server_url)
    return server_url


@pytest.fixture
def database_url(template_url: str) -> Iterator[str]:
    """The owner's URL of a fresh migrated database of this test's own."""
    name = f"test_{next(_numbers)}"
    admin = template_url.replace("/transom?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template transom")
    yield template_url.replace("/transom?", f"/{name}?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A Database over a fresh migrated database."""
    database = Database(database_url, pool_size=4)
    yield database
    database.close()


@pytest.fixture(scope="session")
def talking_template(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The name of a database that has read a small company, and the company's folder."""
    admin = template_url.replace("/transom?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("create database talking template transom")
    company = tmp_path_factory.mktemp("talking") / "company"
    prepare(company, template_url.replace("/transom?", "/talking?"), tmp_path_factory.mktemp("data"))
    return "talking", company


@pytest.fixture
def talk(template_url: str, talking_template: tuple[str, Path]) -> Iterator[Talk]:
    """A company that is talked with, on a fresh database of this test's own."""
    template, company = talking_template
    name = f"talk_{next(_numbers)}"
    admin = template_url.replace("/transom?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    talk = Talk(template_url.replace("/transom?", f"/{name}?"), company)
    yield talk
    talk.close()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")
