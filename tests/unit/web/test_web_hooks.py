"""The platforms' webhooks in our application: large bodies, no session, no pages."""

import pytest
from fakes.desk import FakeDesk, FakeUsedTokens
from flask import Blueprint, request, session

from bots.web import create_app


@pytest.fixture
def app():
    hook = Blueprint("hook", __name__)

    @hook.post("/line/<account>")
    @hook.post("/slack/<account>")
    def take(account: str):
        session["touched"] = True
        if account == "broken":
            raise RuntimeError("secret")
        return str(len(request.get_data()))

    @hook.post("/slack/form")
    def form():
        return str(len(request.form["payload"]))

    return create_app(FakeDesk(), secret_key="k", company_name="A", used_tokens=FakeUsedTokens(), blueprints=[hook])


@pytest.mark.parametrize("path", ["/line/a", "/slack/a"])
def test_a_platform_may_send_a_megabyte(client, path):
    """And not more; a person's limit stays what it is."""
    assert client.post(path, data=b"a" * 1_000_000).text == "1000000"
    too_much = client.post(path, data=b"a" * 1_100_000)
    assert (too_much.status_code, too_much.mimetype) == (413, "text/plain")
    assert client.post("/chat/ask", data=b"a" * 100_000, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 415
    assert client.post("/language", data={"language": "a" * 100_000}).status_code == 413


def test_a_form_of_a_platform_may_be_as_large(client):
    """Slack sends its payloads as a form's field."""
    assert client.post("/slack/form", data={"payload": "a" * 900_000}).text == "900000"


def test_a_webhook_has_no_session(client):
    """Whatever it does with one, no cookie comes of it; nor is one read."""
    assert "Set-Cookie" not in client.post("/line/a").headers


@pytest.mark.parametrize(("path", "status"), [("/line/broken", 500), ("/slack/x/y", 404), ("/line/", 404)])
def test_trouble_at_a_webhook_is_a_line_and_no_page(client, path, status):
    """A platform reads no pages; it gets neither words nor numbers."""
    response = client.post(path)
    assert (response.status_code, response.mimetype) == (status, "text/plain")
    assert len(response.text) < 40
    assert "secret" not in response.text
