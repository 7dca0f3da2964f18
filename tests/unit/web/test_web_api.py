"""The HTTP API, held to its own description."""

import json
from typing import Any

import pytest
from fakes.desk import FakeApiDesk, FakeDesk, FakeUsedTokens
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIResponse
from openapi_core.testing import MockRequest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from bots.accounts import ApiClient
from bots.errors import InboxUnavailable, NotServed, TooMany
from bots.messages import Reply, SourceCard
from bots.platforms.web.languages import TEXTS
from bots.web import create_app

ERP = ApiClient("erp", "the token of the ERP", ("sales",), frozenset({"customers"}))
BOT = ApiClient("bot", "the token of the bot", ("hr",), frozenset({"employees"}))
KEY = {"Authorization": f"Bearer {ERP.token}"}
SOURCES = (
    SourceCard(1, 7, "退貨辦法", "sales/returns.pdf", 2, "退貨", "七天內可以退貨。", True),
    SourceCard(2, 8, "問答", "sales/faq.csv", None, "", "附發票。", False),
)


@pytest.fixture
def api_desk() -> FakeApiDesk:
    desk = FakeApiDesk()
    desk.replies["可以退嗎？"] = Reply("七天內可以。[1][2]", SOURCES, window="客服窗口")
    desk.slow.add("慢")
    return desk


@pytest.fixture
def app(api_desk, clock):
    return create_app(
        FakeDesk(),
        secret_key="k" * 16,
        company_name="A公司",
        used_tokens=FakeUsedTokens(),
        api_desk=api_desk,
        api_clients=(ERP, BOT),
        streams=1,
        now=clock,
    )


@pytest.fixture
def valid(client):
    """Holds a response to the description, and returns it."""
    config = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    openapi = OpenAPI.from_dict(client.get("/api/v1/openapi.json").json, config=config)

    def held(response: TestResponse) -> TestResponse:
        sent = response.request  # its body has been read; the description finds the operation by method and path
        request = MockRequest(sent.host_url, sent.method, sent.path)
        openapi.validate_response(request, WerkzeugOpenAPIResponse(response))
        return response

    return held


@pytest.fixture
def ask(client, valid):
    def asked(question: Any = "可以退嗎？", headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        return valid(client.post("/api/v1/ask", json={"question": question} | fields, headers=KEY | (headers or {})))

    return asked


def test_the_description_is_valid_openapi(client):
    """OpenAPI 3.1, for whoever generates a client from it; each of its examples keeps to its schema."""
    description = client.get("/api/v1/openapi.json").json
    validate(description)
    schemas = description["components"]["schemas"]
    for name, schema in (("Question", "Question"), ("Answer", "Answer"), ("Refusal", "Answer")):
        value = description["components"]["examples"][name]["value"]
        OAS31Validator(schemas[schema] | {"components": description["components"]}).validate(value)


def test_every_answer_there_is_stands_in_the_description(client):
    """With an example for each."""
    responses = client.get("/api/v1/openapi.json").json["paths"]["/api/v1/ask"]["post"]["responses"]
    assert {"200", "202", "400", "401", "403", "413", "422", "429", "503"} <= set(responses)


def test_an_answer_comes_with_its_sources(ask, api_desk):
    """Text, window, and for each source where it stands and its words; nothing of our database."""
    response = ask(window="sales", wait_s=20, headers={"Idempotency-Key": "order-42"})
    assert response.json == {
        "id": "order-42",
        "question": "可以退嗎？",
        "answer": "七天內可以。[1][2]",
        "refused": False,
        "window": "客服窗口",
        "sources": [
            {
                "number": 1,
                "document": "sales/returns.pdf",
                "title": "退貨辦法",
                "page": 2,
                "heading": "退貨",
                "quote": "七天內可以退貨。",
            },
            {
                "number": 2,
                "document": "sales/faq.csv",
                "title": "問答",
                "page": None,
                "heading": "",
                "quote": "附發票。",
            },
        ],
    }
    assert api_desk.calls == [("erp", "order-42", "可以退嗎？", "sales", 20.0)]


def test_a_call_without_a_window_or_a_key_gets_both(ask, api_desk):
    """The best-matching window answers; each call without a key is a question of its own."""
    first, second = ask(), ask()
    assert first.json["id"] != second.json["id"]
    assert [(call[3], call[4]) for call in api_desk.calls] == [("", 30.0), ("", 30.0)]


def test_a_refusal_is_an_answer(ask):
    """An honest "I don't know" is 200 and says so."""
    response = ask("有游泳池嗎？")
    assert (response.status_code, response.json["refused"], response.json["sources"]) == (200, True, [])


def test_an_answer_that_takes_longer_is_fetched(ask, client, valid, api_desk):
    """202 says where; there it is working until it is done, for the client that asked and for nobody else."""
    working = ask("慢", wait_s=0, headers={"Idempotency-Key": "a/b?c"})
    assert (working.status_code, working.json) == (202, {"id": "a/b?c", "status": "working"})
    where = working.headers["Location"]
    assert valid(client.get(where, headers=KEY)).status_code == 202
    api_desk.slow.clear()
    answered = valid(client.get(where + "?wait_s=5", headers=KEY))
    assert (answered.json["id"], answered.json["question"], answered.json["refused"]) == ("a/b?c", "慢", True)
    assert api_desk.calls[-1][4] == 5.0
    other = {"Authorization": f"Bearer {BOT.token}"}
    assert valid(client.get(where, headers=other)).status_code == 404
    assert valid(client.get("/api/v1/answers/x", headers=KEY)).status_code == 404
    assert valid(client.get(where + "?wait_s=x", headers=KEY)).status_code == 422
    assert valid(client.get(where)).status_code == 401


def test_where_an_answer_is_fetched_lasts_a_day(ask, client, clock):
    """Afterwards the client asks again with its key."""
    where = ask("慢", wait_s=0).headers["Location"]
    clock.forward(days=1)
    assert client.get(where, headers=KEY).status_code == 404


def test_a_call_that_finds_no_seat_does_not_wait(client, app, api_desk):
    """Calls that wait leave threads for webhooks: the next hears at once where its answer will be."""

    class Nested(FakeApiDesk):
        def ask(self, name, key, question, window, wait_s):
            if not self.calls:
                self.calls.append(("", "", "", "", wait_s))
                client.post("/api/v1/ask", json={"question": "b"}, headers=KEY)
            return super().ask(name, key, question, window, wait_s)

    desk = Nested()
    app = create_app(
        FakeDesk(),
        secret_key="k",
        company_name="A",
        used_tokens=FakeUsedTokens(),
        api_desk=desk,
        api_clients=(ERP,),
        streams=1,
    )
    client = app.test_client()
    client.post("/api/v1/ask", json={"question": "a"}, headers=KEY)
    client.post("/api/v1/ask", json={"question": "c"}, headers=KEY)
    assert [(call[2], call[4]) for call in desk.calls[1:]] == [("b", 0.0), ("a", 30.0), ("c", 30.0)]


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer x", f"Basic {ERP.token}", "Bearer ä"])
def test_without_a_token_of_ours_nothing_is_told(client, valid, api_desk, authorization):
    """401, the same whatever was asked."""
    headers = {"Authorization": authorization} if authorization is not None else {}
    response = valid(client.post("/api/v1/ask", json={"question": "a"}, headers=headers))
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Transom"')
    assert api_desk.calls == []


def test_a_client_without_a_token_lets_nobody_in(api_desk):
    """A setting left empty fits no call."""
    app = create_app(
        FakeDesk(),
        secret_key="k",
        company_name="A",
        used_tokens=FakeUsedTokens(),
        api_desk=api_desk,
        api_clients=(ApiClient("erp", "", ("sales",), frozenset()),),
    )
    for headers in ({"Authorization": "Bearer "}, {"Authorization": "Bearer"}):
        assert app.test_client().post("/api/v1/ask", json={"question": "a"}, headers=headers).status_code == 401


def test_whether_a_window_exists_is_not_told(ask, api_desk):
    """One the client may not use, one that does not exist, and one that refuses the client: the same answer."""
    answers = [ask(window=window) for window in ("hr", "nothing")]
    api_desk.raises = NotServed("sales")
    answers.append(ask(window="sales"))
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"question": ""}, "question"),
        ({"question": " \x00 "}, "question"),
        ({"question": "a" * 2001}, "question"),
        ({"question": None}, "question"),
        ({"window": 7}, "window"),
        ({"window": "a" * 101}, "window"),
        ({"wait_s": 56}, "wait_s"),
        ({"wait_s": -1}, "wait_s"),
        ({"wait_s": True}, "wait_s"),
        ({"wait_s": "5"}, "wait_s"),
        ({"qeustion": "a"}, "qeustion"),
    ],
)
def test_a_wrong_field_is_named(ask, api_desk, fields, word):
    """422 with a sentence that begins with its name."""
    response = ask(**fields)
    assert response.status_code == 422
    assert response.json["detail"].startswith(f"{word}: ")
    assert response.content_type == "application/problem+json"
    assert api_desk.calls == []


@pytest.mark.parametrize("key", ["a" * 201, "a b", "ä"])
def test_a_key_that_is_none_is_named(ask, key):
    """At most 200 characters that every log and database takes."""
    assert ask(headers={"Idempotency-Key": key}).json["detail"].startswith("Idempotency-Key: ")


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"question": "a"}', "text/plain", 400),
        (b" " * 70_000, "application/json", 413),
    ],
)
def test_what_is_no_object_is_refused(client, valid, data, kind, status):
    """As a problem, never as a page."""
    response = valid(client.post("/api/v1/ask", data=data, content_type=kind, headers=KEY))
    assert (response.status_code, response.json["status"]) == (status, status)


@pytest.mark.parametrize(("raised", "status"), [(TooMany(9), 429), (InboxUnavailable("secret"), 503)])
def test_what_cannot_be_taken_in_now_says_when_to_come_back(ask, api_desk, raised, status):
    """With Retry-After, and without the words of the exception."""
    api_desk.raises = raised
    response = ask()
    assert response.status_code == status
    assert int(response.headers["Retry-After"]) > 0
    assert "secret" not in response.text


def test_trouble_inside_is_a_problem_with_its_number(ask, api_desk, caplog):
    """The log has the number and the place, neither the words nor the question."""
    api_desk.raises = RuntimeError("secret")
    response = ask("可以退嗎？")
    assert response.status_code == 500
    assert caplog.records[0].getMessage().split()[1] in response.json["detail"]
    assert "secret" not in response.text + caplog.text


@pytest.mark.parametrize(("path", "status"), [("/api/v1/nothing", 404), ("/api/", 404), ("/api/v1/ask", 405)])
def test_wrong_paths_and_methods_are_problems_too(client, path, status):
    """Never a page for people."""
    response = client.get(path, headers=KEY)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")


def test_the_page_about_it_is_readable_without_a_script(client):
    """In both languages, with a sentence for each field of the description; no cookie is set."""
    schemas = client.get("/api/v1/openapi.json").json["components"]["schemas"]
    fields = {name for kind in ("Question", "Answer", "Source") for name in schemas[kind]["properties"]}
    assert fields == {key.removeprefix("api_field_") for key in TEXTS["en"] if key.startswith("api_field_")}
    for language, word in (("zh-TW", "重送而不重複"), ("en", "Repeat without asking twice")):
        page = client.get("/api/v1/docs", headers={"Accept-Language": language})
        assert word in page.text
        for path in ("ask", "notify", "confirmations"):
            assert f"curl -i http://localhost/api/v1/{path} \\" in page.text
        assert "<script" not in page.text
        assert "Set-Cookie" not in page.headers


def test_without_clients_there_is_no_api(api_desk):
    """Not even its description."""
    app = create_app(
        FakeDesk(), secret_key="k", company_name="A", used_tokens=FakeUsedTokens(), api_desk=api_desk, api_clients=()
    )
    assert app.test_client().get("/api/v1/openapi.json").status_code == 404
