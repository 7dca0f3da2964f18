"""Wires what knows documents: from settings to an installation that syncs, searches and answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from bots.compose.model import local_generator
from bots.settings import Settings
from bots.windows.knowledge import collection_of
from bots.windows.model import Window
from rag_core import embedded
from rag_core.answer.answer import Answerer
from rag_core.answer.calibrate import Calibrator
from rag_core.answer.extractive import ExtractiveGenerator
from rag_core.database import Database, migrate
from rag_core.ingest.pool import read_all
from rag_core.ingest.sync import Progress, Syncer, SyncReport
from rag_core.models.breaker import Breaker, GuardedGenerator
from rag_core.models.embedder import CrossEncoderReranker, SentenceTransformerEmbedder
from rag_core.models.openai import OpenAIEmbedder, OpenAIGenerator, Server
from rag_core.models.ports import Embedder, Generator, Reranker
from rag_core.search.search import Searcher

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Transom:
    """An installation with its database open."""

    settings: Settings
    database: Database
    searcher: Searcher
    answerer: Answerer
    embedder: Embedder | None
    breaker: Breaker | None
    """Opens while the model is out of order; None where no model writes."""

    def sync(
        self,
        windows: Sequence[Window],
        *,
        all_windows: bool,
        progress: Progress,
        retry_unreadable: bool = False,
        allow_empty: bool = False,
    ) -> SyncReport:
        """Bring the windows' collections up to date; with ``all_windows`` collections of no window go away."""
        collections = [collection_of(window, self.settings.company) for window in windows]
        reader = partial(
            read_all,
            workers=self.settings.read_workers,
            limit_s=self.settings.read_limit_s,
            memory_mb=self.settings.read_limit_mb,
        )
        syncer = Syncer(
            self.database,
            read_all=reader,
            calibrate=Calibrator(self.embedder),
            embedder=self.embedder,
            progress=progress,
        )
        return syncer.sync(
            collections, drop_others=all_windows, retry_unreadable=retry_unreadable, allow_empty=allow_empty
        )


@contextmanager
def running(settings: Settings, *, migrated: bool = True) -> Iterator[str]:
    """Yield the owner's URL of a database that runs: DATABASE_URL, or the embedded Postgres started for us."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
    else:
        url = embedded.start(settings.data / "postgres")
    if migrated:
        migrate(url)
    yield url


@contextmanager
def opened(settings: Settings) -> Iterator[Transom]:
    """Yield the installation these settings describe, on a migrated database."""
    with running(settings) as url:
        transom = wired(settings, url)
        try:
            yield transom
        finally:
            transom.database.close()


def wired(settings: Settings, url: str) -> Transom:
    """Return the installation on a database that runs. Nothing is connected before it is used."""
    database = Database(url)
    embedder = _embedder(settings)
    searcher = Searcher(database, embedder=embedder, reranker=_reranker(settings))
    generator, breaker = _guarded(_generator(settings))
    answerer = Answerer(searcher, generator, ExtractiveGenerator())
    return Transom(settings, database, searcher, answerer, embedder, breaker)


def _embedder(settings: Settings) -> Embedder | None:
    choice = settings.embedder_choice
    if choice.kind == "none":
        return None
    if choice.kind == "openai":
        key = choice.api_key.get_secret_value() if choice.api_key else ""
        return OpenAIEmbedder(_server(settings, choice.base_url, key), choice.model)
    return SentenceTransformerEmbedder(choice.model)


def _reranker(settings: Settings) -> Reranker | None:
    return CrossEncoderReranker(settings.reranker) if settings.reranker else None


def _guarded(generator: Generator) -> tuple[Generator, Breaker | None]:
    """Return the generator behind a breaker, if it is a model that may be out of order."""
    if isinstance(generator, ExtractiveGenerator):
        return generator, None
    breaker = Breaker(on_change=partial(_log_change, generator.name))
    return GuardedGenerator(generator, breaker), breaker


def _log_change(model: str, state: str) -> None:
    log.warning("the model's breaker has changed", model=model, state=state)


def _generator(settings: Settings) -> Generator:
    if settings.generator == "extractive":
        return ExtractiveGenerator()
    if settings.generator == "llama":
        return local_generator(settings)
    options = settings.openai
    key = options.api_key.get_secret_value() if options.api_key else ""
    return OpenAIGenerator(_server(settings, options.base_url or "", key), options.model or "")


def _server(settings: Settings, base_url: str, key: str) -> Server:
    options = settings.openai
    return Server(base_url, key, options.timeout_s, settings.is_ours(base_url), options.azure_api_version)
