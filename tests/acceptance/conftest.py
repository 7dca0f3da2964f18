"""One Postgres for all acceptance tests, and the sample company synced into it once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from acceptance.command import Command
from acceptance.installation import SAMPLE, Installation, Server, postgres, synced


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sample(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The sample company. Nobody changes it."""
    with server.database() as url, synced(SAMPLE, url, tmp_path_factory.mktemp("sample")) as installation:
        yield installation


@pytest.fixture
def new_command(server: Server, tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Makes ``transom`` for a company folder, each with a database of its own."""
    with ExitStack() as stack:

        def make(company: Path, *more: tuple[str, str]) -> Command:
            return Command(company, tmp_path / "data", stack.enter_context(server.database()), more)

        yield make
