"""The model process as its clients see it, without a socket."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

pytest.importorskip("llama_cpp", reason="needs the extra llama")

from models import tiny_model
from unit.models.asking import CHAT, MESSAGES, figures, until

from rag_core.models.llama.model import Model
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.request import Broken, Busy, Finished, Job, OutOfTime, Sampling, Ticket
from rag_core.models.llama.server import create_server


def started(**changes: object) -> Model:
    """Return a loaded model."""
    there, failures = Event(), []
    options = EngineOptions(model=tiny_model(), **({"threads": 1, "context": 2048, "sequences": 2} | changes))
    model = Model(options, "breeze-test", lambda error, loaded: failures.append(error))
    model.start(lambda line: there.set())
    assert there.wait(60), failures
    return model


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    """The tiny model, loaded, which waits for at most two and has two adapters by name."""
    made = started(waiting=2)
    yield made
    stop(made)


def stop(model: Model) -> None:
    """Give its memory back."""
    loaded = model.ready()
    loaded.engine.stop()
    loaded.runtime.close()


@pytest.fixture
def client(model: Model) -> FlaskClient:
    """A client without a socket."""
    return create_server(model).test_client()


def events(body: str) -> list[object]:
    """Return the events of a stream; [DONE] as a text."""
    lines = [line.removeprefix("data: ") for line in body.split("\n\n") if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def told(chunks: list[dict]) -> str:
    """Return the text of a stream's chunks."""
    return "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c.get("choices"))


def test_whole_and_streamed_answers_are_the_same(client):
    """Same text, same end, same counts; the stream's frame is the dialect's."""
    asked = {"model": "m", "messages": MESSAGES, "max_tokens": 24}
    whole = client.post(CHAT, json=asked).json
    response = client.post(CHAT, json=asked | {"stream": True, "stream_options": {"include_usage": True}})
    *chunks, done = events(response.text)
    choice = whole["choices"][0]
    assert response.content_type.startswith("text/event-stream")
    assert done == "[DONE]"
    assert told(chunks) == choice["message"]["content"] != ""
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert chunks[-2]["choices"][0]["finish_reason"] == choice["finish_reason"]
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in chunks[:-2])
    assert (whole["object"], {chunk["object"] for chunk in chunks}) == ("chat.completion", {"chat.completion.chunk"})
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert {whole["model"], *(chunk["model"] for chunk in chunks)} == {"m"}
    assert chunks[-1]["choices"] == []
    same = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert [chunks[-1]["usage"][name] for name in same] == [whole["usage"][name] for name in same]


def test_usage_counts_tokens(client, model):
    """The prompt's, the answer's, both, and those that were in the cache; without being asked a stream tells none."""
    asked = {"messages": MESSAGES, "max_tokens": 7, "ignore_eos": True}
    client.post(CHAT, json=asked)
    body = client.post(CHAT, json=asked).json
    usage = body["usage"]
    assert body["model"] == "breeze-test"
    assert usage["completion_tokens"] == 7
    assert usage["total_tokens"] == usage["prompt_tokens"] + 7
    assert usage["prompt_tokens_details"]["cached_tokens"] == usage["prompt_tokens"] - 1
    assert body["choices"][0]["finish_reason"] == "length"
    assert not any("usage" in chunk for chunk in events(client.post(CHAT, json=asked | {"stream": True}).text)[:-1])


@pytest.mark.parametrize("stream", [True, False])
def test_a_prompt_that_is_too_long_is_told_with_its_numbers(client, stream):
    """Integers, so that a client can shorten what it asks."""
    response = client.post(CHAT, json={"messages": MESSAGES, "max_tokens": 2040, "stream": stream})
    error = response.json["error"]
    assert (response.status_code, error["code"], error["type"]) == (
        400, "context_length_exceeded", "invalid_request_error",
    )  # fmt: skip
    assert error["n_prompt_tokens"] > 8
    assert (error["n_max_tokens"], error["n_ctx"]) == (2040, 2048)


@pytest.mark.parametrize(
    ("body", "headers", "word"),
    [
        ({"messages": []}, {}, "messages"),
        ({"messages": MESSAGES, "grammar": "root ::= (("}, {}, "grammar"),
        ({"messages": MESSAGES, "stream": True, "grammar": "root ::= (("}, {}, "grammar"),
        ({"messages": MESSAGES}, {"X-Transom-Priority": "king"}, "X-Transom-Priority"),
        ({"messages": MESSAGES}, {"X-Transom-Deadline-S": "soon"}, "X-Transom-Deadline-S"),
        ({"messages": MESSAGES}, {"X-Transom-Deadline-S": "-1"}, "X-Transom-Deadline-S"),
        ({"messages": MESSAGES}, {"X-Transom-Deadline-S": "nan"}, "X-Transom-Deadline-S"),
        ({"messages": MESSAGES}, {"X-Transom-Deadline-S": "inf"}, "X-Transom-Deadline-S"),
    ],
)
def test_what_is_invalid_is_told_as_such(client, body, headers, word):
    """Status 400, code invalid_request, and what is wrong."""
    response = client.post(CHAT, json=body, headers=headers)
    error = response.json["error"]
    assert (response.status_code, error["code"], error["type"]) == (400, "invalid_request", "invalid_request_error")
    assert word in error["message"]


def test_a_body_that_is_no_json_is_invalid(client):
    """Not an error of the server's own."""
    for path in (CHAT, "/tokenize"):
        response = client.post(path, data=b"{", content_type="application/json")
        assert (response.status_code, response.json["error"]["code"]) == (400, "invalid_request")


def test_half_a_surrogate_pair_is_no_error_of_the_server(client):
    """JSON can hold what UTF-8 cannot."""
    assert client.post("/tokenize", json={"content": "\ud800"}).status_code in (200, 400)
    messages = [{"role": "user", "content": "a\ud800b"}]
    assert client.post(CHAT, json={"messages": messages, "max_tokens": 2}).status_code in (200, 400)


def occupied(model: Model, count: int) -> list[Ticket]:
    """Return endless answers: two that are being written, and others that wait."""
    engine = model.ready().engine
    job = Job((1, 5), 1000, Sampling(ignore_end=True), tenant="flood")
    written = [engine.submit(job) for _ in range(2)]
    until(lambda: engine.writing == 2)
    return [*written, *(engine.submit(job) for _ in range(count - 2))]


def release(model: Model, tickets: list[Ticket]) -> None:
    """End them."""
    for ticket in tickets:
        ticket.cancel()
    until(lambda: model.ready().engine.writing == model.ready().engine.waiting == 0)


def assert_busy(response: object) -> None:
    """429, code busy, and when to come again."""
    assert response.status_code == 429
    assert (response.json["error"]["code"], response.json["error"]["type"]) == ("busy", "server_error")
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("stream", [True, False])
def test_a_full_queue_is_told_as_busy(stream):
    """Two are written to and two wait; a fifth of the same window is refused, one of another window is not."""
    model = started(waiting=2)
    client = create_server(model).test_client()
    tickets, answers = occupied(model, 4), []
    asked = {"messages": MESSAGES, "max_tokens": 2, "stream": stream}
    assert_busy(client.post(CHAT, json=asked, headers={"X-Transom-Tenant": "flood"}))
    others = Thread(target=lambda: answers.append(client.post(CHAT, json=asked, headers={"X-Transom-Tenant": "hr"})))
    others.start()
    with pytest.raises(Busy):
        tickets[3].result()  # it gave way
    for ticket in tickets:
        ticket.cancel()
    others.join()
    assert answers[0].status_code == 200
    stop(model)


@pytest.mark.parametrize("stream", [True, False])
def test_one_that_cannot_begin_before_its_deadline_is_told_as_busy(model, client, stream):
    """It waited in vain."""
    tickets = occupied(model, 2)
    asked = {"messages": MESSAGES, "max_tokens": 2, "stream": stream}
    assert_busy(client.post(CHAT, json=asked, headers={"X-Transom-Deadline-S": "0.05"}))
    release(model, tickets)


class _Scripted:
    """Stands in for the engine: whatever is submitted gets these events."""

    def __init__(self, *events: object) -> None:
        self.events, self.jobs, self.tickets = events, [], []

    def submit(self, job: Job) -> Ticket:
        """Return a ticket on which all has happened."""
        self.jobs.append(job)
        ticket = Ticket(job)
        self.tickets.append(ticket)
        for event in self.events:
            ticket.put(event)
        return ticket


class _ScriptedModel:
    """A loaded model whose engine is scripted."""

    def __init__(self, model: Model, *events: object) -> None:
        self.name, self.options, self.state = model.name, model.options, "ok"
        self.engine, self.chat = _Scripted(*events), model.ready().chat

    def ready(self) -> "_ScriptedModel":
        """It is."""
        return self


@pytest.mark.parametrize(("error", "status"), [(OutOfTime("out of time"), 504), (Broken("failed"), 503)])
def test_an_error_in_mid_answer(model, error, status):
    """A stream tells it as its last event, without [DONE]; a whole answer is an error; before a piece both are."""
    midst = create_server(_ScriptedModel(model, "特休", error)).test_client()
    *chunks, last = events(midst.post(CHAT, json={"messages": MESSAGES, "stream": True}).text)
    assert told(chunks) == "特休"
    assert last["error"]["code"] == error.code
    early = create_server(_ScriptedModel(model, error)).test_client()
    asked = [(midst, False), (early, False), (early, True)]
    for client, stream in asked:
        response = client.post(CHAT, json={"messages": MESSAGES, "stream": stream})
        assert (response.status_code, response.json["error"]["code"]) == (status, error.code)


def test_headers_say_whose_request_it_is_and_how_long_it_may_take(model):
    """A window's name is percent-encoded, as header fields hold no Chinese."""
    scripted = _ScriptedModel(model, Finished("stop", 1, 0, ()))
    client = create_server(scripted).test_client()
    headers = {"X-Transom-Tenant": quote("人資 窗口"), "X-Transom-Priority": "batch", "X-Transom-Deadline-S": "90"}
    before = time.monotonic()
    assert client.post(CHAT, json={"messages": MESSAGES}, headers=headers).status_code == 200
    assert client.post(CHAT, json={"messages": MESSAGES}).status_code == 200
    with_headers, without = scripted.engine.jobs
    assert (with_headers.tenant, with_headers.priority.name) == ("人資 窗口", "BATCH")
    assert before + 90 <= with_headers.deadline <= time.monotonic() + 90
    assert (without.tenant, without.priority.name, without.deadline) == ("", "PERSON", None)


def test_a_stream_that_is_closed_cancels_its_answer(model):
    """The server's own end of a reader that has gone."""
    scripted = _ScriptedModel(model, "a", "b")
    response = create_server(scripted).test_client().post(
        CHAT, json={"messages": MESSAGES, "stream": True}, buffered=False
    )  # fmt: skip
    next(iter(response.response))
    response.close()
    assert scripted.engine.tickets[0].cancelled


def test_models_tokens_health_and_figures(model, client):
    """What there is, what a text is in tokens, how it goes, and what was done."""
    assert [each["id"] for each in client.get("/v1/models").json["data"]] == ["breeze-test"]
    tokens = client.post("/tokenize", json={"content": "特休</s>"}).json["tokens"]
    assert tokens == model.ready().chat.tokens("特休</s>")
    assert client.post("/tokenize", json={"content": 3}).json["error"]["code"] == "invalid_request"
    health = client.get("/health")
    assert (health.status_code, health.json["status"]) == (200, "ok")
    assert (health.json["waiting"], health.json["writing"]) == (0, 0)
    before = figures(client.get("/metrics").text)
    client.post(CHAT, json={"messages": MESSAGES, "max_tokens": 5, "ignore_eos": True})
    after = figures(client.get("/metrics").text)
    assert (before["transom_model_up"], before["transom_model_writing"]) == (1, 0)
    assert after["transom_model_answer_tokens_total"] - before["transom_model_answer_tokens_total"] == 5
    assert after["transom_model_finished_total"] - before["transom_model_finished_total"] == 1


def test_adapters_are_models_too(tmp_path):
    """Each is offered as a model of its own, and one can be asked for."""
    options = EngineOptions(model=tiny_model(), adapters={"hr": tmp_path, "it": tmp_path})
    client = create_server(Model(options, "breeze-test", lambda error, loaded: None)).test_client()
    names = [each["id"] for each in client.get("/v1/models").json["data"]]
    assert names == ["breeze-test", "breeze-test:hr", "breeze-test:it"]


@pytest.mark.parametrize("state", ["loading", "failed"])
def test_a_model_that_is_not_there(state):
    """Each endpoint says so, with what a client needs to know."""
    model = Model(EngineOptions(model=Path("nowhere.gguf")), "breeze-test", lambda error, loaded: None)
    model.state = state
    client = create_server(model).test_client()
    for path, body in ((CHAT, {"messages": MESSAGES}), ("/tokenize", {"content": "a"})):
        response = client.post(path, json=body)
        assert (response.status_code, response.json["error"]["code"]) == (503, f"model_{state}")
    assert (client.get("/health").status_code, client.get("/health").json["status"]) == (503, state)
    assert figures(client.get("/metrics").text) == {"transom_model_up": 0}


def test_health_can_be_asked_while_many_come_and_go(model, client):
    """What counts who waits is not upset by windows that appear and are forgotten."""
    over, troubles = Event(), []

    def ask() -> None:
        while not over.is_set():
            try:
                model.ready().engine.waiting  # noqa: B018
            except RuntimeError as error:
                troubles.append(error)

    asking = Thread(target=ask)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    asking.start()
    try:
        for number in range(300):
            model.ready().engine.submit(Job((1, 5), 1, tenant=f"window {number}")).cancel()
    finally:
        sys.setswitchinterval(interval)
        over.set()
        asking.join()
    assert troubles == []
