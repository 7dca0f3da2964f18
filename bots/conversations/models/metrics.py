"""The figures of the installation for Prometheus, at /metrics of the web process, for our machines alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psycopg
import structlog
from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from bots.conversations.inbox import store as inbox
from bots.conversations.models import store
from bots.conversations.models.bounded import Bounded
from bots.conversations.models.insiders import Insiders
from bots.conversations.outbox import store as outbox
from rag_core.database import Database
from rag_core.errors import GeneratorUnavailable, RagError
from rag_core.models.local import health

log = structlog.get_logger()

_COUNTED = 1000  # more is not counted
_PATIENCE_S = 1.5  # what is not known by then is left out
_MODEL_S = 1.0


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database tells."""

    workers: int
    failed: int
    stuck: int
    states: tuple[store.ModelState, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """``stored`` is None where the database does not answer, ``model_up`` where there is no model of ours."""

    stored: Stored | None
    model_up: bool | None


class Metrics:
    """Gathers the figures. ``model`` is the model process's socket; None where there is none of ours."""

    def __init__(self, database: Database, insiders: Insiders, model: Path | None) -> None:
        self._database, self._insiders, self._model = database, insiders, model
        self._stored, self._up = Bounded(self._ask_database), Bounded(self._ask_model)

    def blueprint(self) -> Blueprint:
        """Return the page. Strangers find nothing there."""
        page = Blueprint("metrics", __name__)
        page.add_url_rule("/metrics", view_func=self._show)
        return page

    def _show(self) -> Response:
        if not self._insiders.admit(request.remote_addr, request.host, request.headers.keys()):
            abort(404)
        headers = {"Cache-Control": "no-store"}
        return Response(exposition(self.figures()), content_type=CONTENT_TYPE_LATEST, headers=headers)

    def figures(self) -> Figures:
        """Ask everybody at once, and wait a moment."""
        until = monotonic() + _PATIENCE_S
        stored, up = self._stored.begin(), self._up.begin() if self._model else None
        return Figures(stored(until - monotonic()), bool(up(until - monotonic())) if up else None)

    def _ask_database(self) -> Stored | None:
        try:
            with self._database.application() as connection:
                failed, stuck = inbox.failed(connection, _COUNTED), outbox.stuck(connection, _COUNTED)
                states = tuple(store.states(connection))
                return Stored(inbox.workers(connection), len(failed), len(stuck), states)
        except (RagError, psycopg.Error) as error:
            log.warning("no figures from the database", error=type(error).__name__)
            return None

    def _ask_model(self) -> bool:
        assert self._model is not None
        try:
            return health(self._model, timeout_s=_MODEL_S).get("status") == "ok"
        except GeneratorUnavailable:
            return False


def exposition(figures: Figures) -> bytes:
    """Return the figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures))
    return generate_latest(registry)


class _Collector:
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        stored, up = self._figures.stored, self._figures.model_up
        yield GaugeMetricFamily("transom_database_up", "Whether the database answers.", value=stored is not None)
        if up is not None:
            yield GaugeMetricFamily("transom_model_up", "Whether the model is loaded and answers.", value=up)
        if stored is None:
            return
        yield GaugeMetricFamily("transom_workers", "Workers that run.", value=stored.workers)
        yield GaugeMetricFamily("transom_inbox_failed", "Events nobody could answer, up to 1000.", value=stored.failed)
        yield GaugeMetricFamily("transom_outbox_stuck", "Deliveries that are stuck, up to 1000.", value=stored.stuck)
        if stored.states:
            yield _breakers(stored.states)


def _breakers(states: tuple[store.ModelState, ...]) -> GaugeMetricFamily:
    what = "The state of each worker's breaker: 1 for the one it is in."
    family = GaugeMetricFamily("transom_model_breaker", what, labels=["worker", "model", "state"])
    for one in states:
        for state in store.STATES:
            family.add_metric([one.worker, one.model, state], state == one.state)
    return family
