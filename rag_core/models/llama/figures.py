"""The engine's figures for Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from rag_core.models.llama.model import Model

_COUNTED = {
    "steps": "Steps computed.",
    "prompt_tokens": "Tokens of prompts computed.",
    "reused_tokens": "Tokens of prompts taken from the cache.",
    "answer_tokens": "Tokens written.",
    "finished": "Answers written to their end.",
    "refused": "Requests refused or expired before they began.",
    "cancelled": "Answers that nobody waited for any more.",
}


def exposition(model: Model) -> bytes:
    """Return the figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(model))
    return generate_latest(registry)


class _Collector:
    def __init__(self, model: Model) -> None:
        self._model = model

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("transom_model_up", "Whether the model is loaded.", value=self._model.state == "ok")
        if self._model.state != "ok":
            return
        engine = self._model.ready().engine
        yield GaugeMetricFamily("transom_model_waiting", "Requests that wait.", value=engine.waiting)
        yield GaugeMetricFamily("transom_model_writing", "Answers being written.", value=engine.writing)
        for name, what in _COUNTED.items():
            yield CounterMetricFamily(f"transom_model_{name}", what, value=getattr(engine.figures, name))
