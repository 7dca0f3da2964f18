"""The HTTP API's notifications and confirmations, held to its own description."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes.desk import FakeApiDesk, FakeDesk, FakeUsedTokens
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIResponse
from openapi_core.testing import MockRequest
from openapi_schema_validator import OAS31Validator
from werkzeug.test import TestResponse

from bots.accounts import ApiClient
from bots.conversations.calls.payload import headers_of, outcome_of
from bots.conversations.notifications.confirmations.store import Confirmation
from bots.errors import InboxUnavailable, NotServed, TooMany
from bots.platforms.web.api import Api
from bots.platforms.web.seats import Seats
from bots.platforms.web.signing import AnswerTokens
from bots.ports import Accepted, ConfirmationOrder, NotifyOrder, Refused
from bots.web import create_app

ERP = ApiClient("erp", "the token of the ERP", ("sales",), frozenset({"customers"}))
KEY = {"Authorization": f"Bearer {ERP.token}"}
ORDER = {"window": "sales", "notification": "shipped", "key": "order-42"}
ASKED = {"window": "it", "person": "A0108", "text": "從 203.0.113.7 登入", "key": "vpn-1"}


class FakeNotifyDesk:
    """Implements bots.ports.NotifyDesk: keeps what was ordered, and answers what it is told to."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, NotifyOrder | ConfirmationOrder]] = []
        self.answer: Accepted | Refused = Accepted("run-1", "waiting", new=True)
        self.stands: dict[tuple[str, str], str] = {}
        self.raises: Exception | None = None

    def notify(self, client: str, order: NotifyOrder) -> Accepted | Refused:
        return self._taken(client, order)

    def confirm(self, client: str, order: ConfirmationOrder) -> Accepted | Refused:
        return self._taken(client, order)

    def confirmation(self, client: str, id: str) -> Accepted | None:  # noqa: A002
        if self.raises:
            raise self.raises
        status = self.stands.get((client, id))
        return Accepted(id, status, new=False) if status else None

    def _taken(self, client: str, order: NotifyOrder | ConfirmationOrder) -> Accepted | Refused:
        if self.raises:
            raise self.raises
        self.orders.append((client, order))
        return self.answer


@pytest.fixture
def notify_desk() -> FakeNotifyDesk:
    return FakeNotifyDesk()


@pytest.fixture
def app(notify_desk, clock):
    api = Api(FakeApiDesk(), (ERP,), AnswerTokens("k", clock), Seats(1), notify_desk)
    return create_app(
        FakeDesk(),
        secret_key="k" * 16,
        company_name="A公司",
        used_tokens=FakeUsedTokens(),
        blueprints=[api.blueprint()],
        now=clock,
    )


@pytest.fixture
def valid(client) -> Callable[[TestResponse], TestResponse]:
    """Holds a response to the description, and returns it."""
    config = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    openapi = OpenAPI.from_dict(client.get("/api/v1/openapi.json").json, config=config)

    def held(response: TestResponse) -> TestResponse:
        sent = response.request
        request = MockRequest(sent.host_url, sent.method, sent.path)
        openapi.validate_response(request, WerkzeugOpenAPIResponse(response))
        return response

    return held


@pytest.fixture
def post(client, valid):
    def posted(path: str, body: dict[str, Any], headers: dict[str, str] = KEY) -> TestResponse:
        return valid(client.post(f"/api/v1/{path}", json=body, headers=headers))

    return posted


def test_an_order_is_taken_and_told_under_its_id(post, notify_desk):
    """202 the first time, 200 with the same id and how far it has come under the same key."""
    body = ORDER | {"values": {"order": "A-17", "left": 3}, "people": ["A1", "A2", "A1"]}
    first = post("notify", body)
    assert (first.status_code, first.json) == (202, {"id": "run-1", "status": "waiting"})
    order = NotifyOrder("sales", "shipped", "order-42", {"order": "A-17", "left": "3"}, ("A1", "A2"))
    assert notify_desk.orders == [("erp", order)]
    notify_desk.answer = Accepted("run-1", "told", new=False)
    again = post("notify", body)
    assert (again.status_code, again.json) == (200, {"id": "run-1", "status": "told"})


def test_a_confirmation_is_asked_for_and_fetched(post, client, valid, notify_desk):
    """Location says where; every state there is stands in the description; others' confirmations are none."""
    notify_desk.answer = Accepted("c-1", "pending", new=True)
    asked = post("confirmations", ASKED)
    assert (asked.status_code, asked.headers["Location"]) == (202, "/api/v1/confirmations/c-1")
    assert notify_desk.orders == [("erp", ConfirmationOrder("it", "A0108", "從 203.0.113.7 登入", "vpn-1", 300))]
    for status in ("pending", "approved", "denied", "expired"):
        notify_desk.stands["erp", "c-1"] = status
        found = valid(client.get(asked.headers["Location"], headers=KEY))
        assert (found.status_code, found.json) == (200, {"id": "c-1", "status": status})
    assert valid(client.get("/api/v1/confirmations/c-2", headers=KEY)).status_code == 404
    assert valid(client.get("/api/v1/confirmations/c-1")).status_code == 401
    notify_desk.answer = Accepted("c-1", "denied", new=False)
    assert post("confirmations", ASKED).status_code == 200


@pytest.mark.parametrize(("path", "body"), [("notify", ORDER), ("confirmations", ASKED)])
def test_a_key_that_stands_for_something_else_is_a_conflict(post, notify_desk, path, body):
    """409; what the desk refuses otherwise is 422 with its sentence."""
    notify_desk.answer = Refused("key: stands for something else already.", conflict=True)
    assert (post(path, body).status_code, post(path, body).json["title"]) == (409, "Conflict")
    notify_desk.answer = Refused("people: A9 is nobody whom sales serves.")
    assert (post(path, body).status_code, post(path, body).json["detail"]) == (422, notify_desk.answer.detail)


@pytest.mark.parametrize(("path", "body"), [("notify", ORDER), ("confirmations", ASKED)])
def test_without_a_token_nothing_is_ordered(post, notify_desk, path, body):
    """401, before the body is looked at."""
    for headers in ({}, {"Authorization": "Bearer x"}):
        assert post(path, body, headers).status_code == 401
        assert post(path, {}, headers).status_code == 401
    assert notify_desk.orders == []


@pytest.mark.parametrize(("path", "body"), [("notify", ORDER), ("confirmations", ASKED)])
@pytest.mark.parametrize(
    ("raised", "status"), [(NotServed("x"), 403), (InboxUnavailable("secret"), 503), (RuntimeError("secret"), 500)]
)
def test_trouble_is_a_problem_without_its_words(post, notify_desk, caplog, path, body, raised, status):
    """Neither the answer nor the log holds what was sent or what the exception says."""
    notify_desk.raises = raised
    response = post(path, body)
    assert response.status_code == status
    assert "secret" not in response.text + caplog.text
    assert "203.0.113.7" not in response.text + caplog.text


def test_too_many_confirmations_say_when_to_come_back(post, notify_desk):
    """429 with Retry-After."""
    notify_desk.raises = TooMany(60)
    response = post("confirmations", ASKED)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    assert response.json["detail"] == "Too many confirmations wait for this person."


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"window": ""}, "window"),
        ({"window": None}, "window"),
        ({"notification": ""}, "notification"),
        ({"notification": 7}, "notification"),
        ({"notification": "a" * 101}, "notification"),
        ({"key": ""}, "key"),
        ({"key": "a b"}, "key"),
        ({"key": "ä"}, "key"),
        ({"key": "a" * 201}, "key"),
        ({"values": []}, "values"),
        ({"values": {"Order": "1"}}, "values"),
        ({"values": {"{x}": "1"}}, "values"),
        ({"values": {"order": True}}, "values"),
        ({"values": {"order": None}}, "values"),
        ({"values": {"order": ["1"]}}, "values"),
        ({"values": {"order": "a" * 1001}}, "values"),
        ({"values": {f"v{n}": "1" for n in range(51)}}, "values"),
        ({"people": []}, "people"),
        ({"people": "A1"}, "people"),
        ({"people": [1]}, "people"),
        ({"people": [" \x00"]}, "people"),
        ({"groups": ["a" * 101]}, "groups"),
        ({"people": ["A1"], "groups": ["x"]}, "groups"),
        ({"peolpe": ["A1"]}, "peolpe"),
    ],
)
def test_a_wrong_field_of_an_order_is_named(post, notify_desk, fields, word):
    """422 with a sentence that begins with its name; nothing is ordered."""
    response = post("notify", ORDER | fields)
    assert response.status_code == 422
    assert response.json["detail"].startswith(f"{word}: ")
    assert notify_desk.orders == []


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"person": ""}, "person"),
        ({"person": ["A1"]}, "person"),
        ({"text": " \x00 "}, "text"),
        ({"text": "a" * 2001}, "text"),
        ({"key": None}, "key"),
        ({"expires_s": 29}, "expires_s"),
        ({"expires_s": 86_401}, "expires_s"),
        ({"expires_s": 60.5}, "expires_s"),
        ({"expires_s": True}, "expires_s"),
        ({"callback": ""}, "callback"),
        ({"callback": ["https://erp.a-company.example/confirmed"]}, "callback"),
        ({"callback": f"https://erp.a-company.example/{'a' * 2000}"}, "callback"),
        ({"people": ["A1"]}, "people"),
    ],
)
def test_a_wrong_field_of_a_confirmation_is_named(post, notify_desk, fields, word):
    """422 with a sentence that begins with its name; nobody is asked."""
    response = post("confirmations", ASKED | fields)
    assert response.status_code == 422
    assert response.json["detail"].startswith(f"{word}: ")
    assert notify_desk.orders == []


def test_a_callback_is_passed_on_as_it_was_written(post, notify_desk):
    """Whether it may be called, the desk says, in a sentence that begins with the field; null is none."""
    address = "https://vpn.a-company.example/confirmed?id=%E5%A5%BD"
    notify_desk.answer = Accepted("c-1", "pending", new=True)
    for callback, kept in ((address, address), (None, "")):
        post("confirmations", ASKED | {"callback": callback})
        (_, order) = notify_desk.orders[-1]
        assert order.callback == kept
    notify_desk.answer = Refused("callback: it may not call this host.")
    refused = post("confirmations", ASKED | {"callback": address})
    assert (refused.status_code, refused.json["detail"]) == (422, "callback: it may not call this host.")


def test_what_is_no_object_is_refused(client, valid):
    """400, as everywhere in the API."""
    for path in ("notify", "confirmations"):
        response = client.post(f"/api/v1/{path}", data=b"[]", content_type="application/json", headers=KEY)
        assert valid(response).status_code == 400


def test_the_examples_keep_to_their_schemas(client):
    """Whoever copies one sends something right."""
    components = client.get("/api/v1/openapi.json").json["components"]
    kinds = {"Notify": "Notify", "Confirm": "Confirm", "ConfirmAndCall": "Confirm", "Outcome": "Outcome"}
    for name, schema in kinds.items():
        validator = OAS31Validator(components["schemas"][schema] | {"components": components})
        validator.validate(components["examples"][name]["value"])
        assert not validator.is_valid({**components["examples"][name]["value"], "other": 1})


def test_the_page_of_the_documentation_shows_what_is_right(client):
    """Its orders keep to their schemas, and its outcome is the one of the description."""
    components = client.get("/api/v1/openapi.json").json["components"]
    page = (Path(__file__).parents[3] / "docs" / "website.md").read_text(encoding="utf-8")
    orders = {path: json.loads(sent) for path, sent in re.findall(r"/api/v1/(\w+) [^']*-d '(.*?)'", page, re.DOTALL)}
    assert set(orders) == {"ask", "notify", "confirmations"}
    for path, schema in (("notify", "Notify"), ("confirmations", "Confirm")):
        OAS31Validator(components["schemas"][schema] | {"components": components}).validate(orders[path])
    assert orders["confirmations"]["callback"] == components["examples"]["ConfirmAndCall"]["value"]["callback"]
    shown = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    assert components["examples"]["Outcome"]["value"] in shown


def test_the_callback_is_what_is_sent(client):
    """Its body and its headers stand in the description as they are made."""
    described = client.get("/api/v1/openapi.json").json
    confirm = described["paths"]["/api/v1/confirmations"]["post"]
    outcome = confirm["callbacks"]["outcome"]["{$request.body#/callback}"]["post"]
    at = datetime(2026, 11, 30, 2, tzinfo=UTC)
    example = described["components"]["examples"]["Outcome"]["value"]
    confirmation = Confirmation(example["id"], "vpn", "it", "person:A0108", "approved", b"", at, at, "https://vpn/x")
    body = outcome_of(confirmation, at)
    assert json.loads(body) == example
    sent = headers_of(f"confirmation-{example['id']}", body, "s3cret", 1_796_000_000)
    parameters = {one["name"]: one for one in outcome["parameters"]}
    assert set(parameters) == set(sent) - {"Content-Type"}
    assert {name: sent[name] for name, one in parameters.items() if "example" in one} == {
        name: one["example"] for name, one in parameters.items() if "example" in one
    }
    assert re.fullmatch(parameters["X-Transom-Signature"]["schema"]["pattern"], sent["X-Transom-Signature"])


def test_without_a_desk_nobody_is_told(clock):
    """The paths are none then."""
    api = Api(FakeApiDesk(), (ERP,), AnswerTokens("k", clock), Seats(1))
    app = create_app(
        FakeDesk(), secret_key="k", company_name="A", used_tokens=FakeUsedTokens(), blueprints=[api.blueprint()]
    )
    assert app.test_client().post("/api/v1/notify", json=ORDER, headers=KEY).status_code == 404
