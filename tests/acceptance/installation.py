"""A Postgres, databases on it, and the product wired as the commands wire it."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from bots.compose import Transom, opened
from bots.settings import load_settings
from bots.windows.load import load_company
from bots.windows.model import Window
from rag_core import embedded
from rag_core.answer.answer import Question
from rag_core.database import migrate
from rag_core.types import GroundedAnswer, Passage, Scope

SAMPLE = Path(__file__).parents[2] / "company"
CONTACT = "請洽：人資部"

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """A Postgres with a migrated template."""

    template_url: str

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the owner's URL of a fresh migrated database, which goes away afterwards."""
        name = f"acceptance_{next(_numbers)}"
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            connection.execute(f"create database {name} template transom")
        yield self.template_url.replace("/transom?", f"/{name}?")
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")

    def _admin(self) -> str:
        return self.template_url.replace("/transom?", "/postgres?")


@contextmanager
def postgres() -> Iterator[Server]:
    """Yield a server that lives as long as the context."""
    folder = Path(tempfile.mkdtemp(prefix="transom-acceptance-"))
    url = embedded.start(folder / "postgres")
    migrate(url)
    yield Server(url)
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Installation:
    """A company that was synced, in this process."""

    transom: Transom
    windows: Mapping[str, Window]
    company: Path
    database_url: str

    def ask(self, window: str, question: str, groups: Sequence[str] = ("employees",)) -> GroundedAnswer:
        """Ask as ``transom ask`` does."""
        asked = self.windows[window]
        return self.transom.answerer.answer_at_once(
            Question(question, Scope((window,), frozenset(groups)), persona=asked.persona, contact=CONTACT)
        )

    def search(self, window: str, question: str, groups: Sequence[str] = ("employees",)) -> tuple[Passage, ...]:
        """Search as ``transom search`` does."""
        return self.transom.searcher.search(question, Scope((window,), frozenset(groups)), limit=10).passages


@contextmanager
def synced(
    company: Path,
    database_url: str,
    data: Path,
    *,
    only: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Installation]:
    """Yield the company's installation with its index up to date. ``only`` names the windows to read."""
    variables = {"TRANSOM_COMPANY": str(company), "TRANSOM_DATA": str(data), "DATABASE_URL": database_url}
    settings = load_settings({**variables, **(environment or {})}, directory=data)
    loaded = load_company(settings.company)
    windows = {window.name: window for window in loaded.windows if only is None or window.name in only}
    with opened(settings) as transom:
        transom.sync(list(windows.values()), all_windows=True, progress=lambda *_: None)
        yield Installation(transom, windows, company, database_url)
