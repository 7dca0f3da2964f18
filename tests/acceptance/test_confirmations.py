"""A confirmation by way of the real processes: asked for by API, answered on the page, and called back, signed."""

import hmac
import json
import os
import signal
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from acceptance.installation import Server
from acceptance.office import CHANNELS, SECRETS, Browser, Office, office, wait_for, write_company
from acceptance.test_web_told import FANG, Page
from fakes.company_system import System, listening

SECRET = "s3cret-of-the-vpn"
TEXT = "從 203.0.113.7 登入 VPN"


def write(system: System, company: Path) -> None:
    """The company of the other tests; hr may call the system, which is on this machine, and the client may use hr."""
    write_company(company)
    window = company / "windows" / "hr.yaml"
    allowed = f'callbacks:\n  - {{http: "http://127.0.0.1:{system.port}", secret: "${{VPN_SECRET}}"}}\n'
    window.write_text(window.read_text(encoding="utf-8") + allowed, encoding="utf-8")
    channels = CHANNELS.replace("windows: [sales], groups: [customers]", "windows: [hr], groups: [employees]")
    (company / "channels.yaml").write_text(channels, encoding="utf-8")


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with listening(System()) as system:
        yield system


@pytest.fixture(scope="module")
def running(
    server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path, system: System
) -> Iterator[Office]:
    more = {"VPN_SECRET": SECRET, "TRANSOM_OUR_MACHINES": "127.0.0.1"}
    folder = tmp_path_factory.mktemp("confirmations")
    with server.database() as url, office(url, folder, workers=2, more=more, write=partial(write, system)) as running:
        yield running
        assert "Traceback" not in running.logs()
        assert "203.0.113.7" not in running.logs()


@pytest.fixture
def page(running: Office) -> Page:
    return Page.of_person(running, FANG)


def ask(running: Office, system: System, key: str, **more: Any) -> Any:
    client = Browser(running.url, Authorization=f"Bearer {SECRETS['ERP_TOKEN']}")
    callback = f"http://127.0.0.1:{system.port}/confirmed"
    order = {"window": "hr", "person": FANG, "text": TEXT, "key": key, "callback": callback, **more}
    return client.post("/api/v1/confirmations", order)


def told(system: System, confirmation: str) -> list[tuple[Mapping[str, str], bytes]]:
    """What the system was told of a confirmation."""
    return [(headers, body) for _, headers, body in list(system.calls) if json.loads(body)["id"] == confirmation]


def test_an_answer_on_the_page_is_called_back(running: Office, system: System, page: Page) -> None:
    """Once, with its signature; a host that the file does not name is refused with a sentence."""
    refused = ask(running, system, "k0", callback="http://127.0.0.1:1/x")
    assert (refused.status, refused.json["detail"].partition(" ")[0]) == (422, "callback:")
    asked = ask(running, system, "k1")
    assert asked.status == 202, asked.text
    question = page.hears("hr")[-1]
    assert question["text"] == TEXT
    assert page.taps("hr", question, "核准")["text"] == "已核准。"
    wait_for(lambda: bool(told(system, asked.json["id"])), 30, "nothing was called")
    assert page.taps("hr", question, "拒絕")["text"] == "您已經核准過了，不能再更改。"
    [(headers, body)] = told(system, asked.json["id"])
    signed = headers["X-Transom-Timestamp"].encode() + b"." + body
    assert headers["X-Transom-Signature"] == hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    assert json.loads(body)["status"] == "approved"


def test_what_nobody_answers_is_called_back_as_expired(running: Office, system: System, page: Page) -> None:
    """Once; an answer after that is told that it came too late."""
    asked = ask(running, system, "k2").json["id"]
    question = page.hears("hr")[-1]
    running.query("update confirmations set expires_at = now() where id = %s returning 1", [asked])
    wait_for(lambda: bool(told(system, asked)), 30, "nothing was called")
    assert page.taps("hr", question, "核准")["text"] == "這項確認已經過期，沒有記下任何回覆。"
    assert [json.loads(body)["status"] for _, body in told(system, asked)] == ["expired"]


def test_workers_killed_over_the_call_make_one_delivery(running: Office, system: System, page: Page) -> None:
    """The system has not answered yet when both die; those that follow call again under the same key."""
    asked = ask(running, system, "k3").json["id"]
    question = page.hears("hr")[-1]
    system.quick.clear()
    page.taps("hr", question, "拒絕")
    wait_for(lambda: bool(told(system, asked)), 30, "nothing was called")
    for process in running.processes[-2:]:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    system.quick.set()
    running.query("update calls set next_at = now() where confirmation = %s returning 1", [asked])  # the lease is over
    for _ in range(2):
        running.start_worker()
    done = "confirmation = '" + asked + "' and state = 'done'"
    wait_for(lambda: running.count("calls", done) == 1, 60, "it is not called again")
    calls = told(system, asked)
    assert len(calls) == 2
    assert len({(headers["Idempotency-Key"], body) for headers, body in calls}) == 1
    assert json.loads(calls[0][1])["status"] == "denied"
