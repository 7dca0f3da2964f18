"""What the tests of the model process share: what they ask, and how they wait for it."""

import time
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "system", "content": "你是人資窗口。"}, {"role": "user", "content": "特休有幾天？"}]
ENDLESS = {"messages": MESSAGES, "max_tokens": 1900, "ignore_eos": True, "temperature": 1.0, "seed": 1}


def figures(told: str) -> dict[str, float]:
    """Return Prometheus' figures by name."""
    return {sample.name: sample.value for family in text_string_to_metric_families(told) for sample in family.samples}


def until(what: Callable[[], object]) -> None:
    """Wait for something that happens in another thread or process."""
    for _ in range(600):
        if what():
            return
        time.sleep(0.05)
    pytest.fail("it never happened")
