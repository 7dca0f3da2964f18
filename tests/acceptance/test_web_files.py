"""A customer's complaint on the website, with the photo that its form asks for: through processes that are killed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from acceptance.command import kill
from acceptance.installation import Server
from acceptance.office import Browser, Office, office, wait_for, write_company

FORMS = """
forms:
  complaint:
    title: 客訴單
    examples: [我要客訴]
    anonymous: true
    fields:
      - {name: what, label: 事情經過}
      - {name: photo, type: file, label: 照片}
"""
CONTENT = b"\xff\xd8\xff a photo " * 100_000  # over a megabyte
_REPLY = re.compile(r"^event: reply\ndata: (.*)$", re.MULTILINE)


def write(company: Path) -> None:
    """Write the company of the other tests with a form for customers that cannot do without a photo."""
    write_company(company)
    window = company / "windows" / "sales.yaml"
    window.write_text(window.read_text(encoding="utf-8") + FORMS, encoding="utf-8")


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    with server.database() as url, office(url, tmp_path_factory.mktemp("web-files"), write=write) as running:
        yield running


@pytest.fixture
def customer(running: Office) -> Browser:
    """Somebody in the widget's frame, whom a token tells apart."""
    page = Browser(running.url).get("/widget?window=sales").text
    found = re.search(r'"visitor": "([^"]+)"', page)
    assert found, "the widget's page names no visitor"
    return Browser(running.url, **{"X-Transom-Visitor": found[1]})


def says(customer: Browser, **what: Any) -> dict[str, Any]:
    page = customer.post("/chat/ask", {"window": "sales", "message": str(uuid4()), **what})
    return dict(json.loads(_REPLY.findall(page.text)[-1]))


def test_a_complaint_with_its_photo_is_filed_once(running: Office, customer: Browser) -> None:
    """The worker is killed with the photo in its hands, the page sends it again; it is kept once, and only there."""
    assert says(customer, question="我要客訴")["files"]
    fields = {"window": "sales", "message": str(uuid4()), "field": "sales/complaint/photo"}
    with psycopg.connect(running.database_url) as blocking:
        blocking.execute("lock table submission_files in access exclusive mode")
        with pytest.raises(OSError, match="timed out"):
            customer.send("/chat/file", fields, ("漏水.jpg", CONTENT), timeout_s=3)
        wait_for(lambda: running.count("pg_locks", "not granted") > 0, 20, "the worker does not wait for the table")
        assert running.count("uploads") == 1
        kill(running.processes[-1])
    running.start_worker()
    told = customer.send("/chat/file", fields, ("漏水.jpg", CONTENT))
    assert "已收下「照片」" in json.loads(_REPLY.findall(told.text)[-1])["text"]
    form = {"title": "客訴單", "name": "sales/complaint", "values": {"what": "機器漏水"}}
    assert "SALES-COMPLAINT" in says(customer, form=form)["text"]
    kept = running.query("select name, content, submission is not null from submission_files")
    assert kept == [("漏水.jpg", CONTENT, True)]
    assert running.count("uploads") == 0
    asked = customer.get("/chat/asked?window=sales").json["asked"]
    assert [(one["question"], one["file"]) for one in asked] == [
        ("我要客訴", False),
        ("漏水.jpg", True),
        ("客訴單", False),
    ]
    assert "漏水" not in running.logs()


def test_a_customer_who_is_asked_for_nothing_keeps_the_file(running: Office, customer: Browser) -> None:
    """And is told so in a sentence."""
    before = running.count("inbox")
    told = customer.send("/chat/file", {"window": "sales", "message": str(uuid4()), "field": ""}, ("a.jpg", CONTENT))
    assert (told.status, running.count("inbox"), running.count("uploads")) == (403, before, 0)
    assert "沒有收下" in told.json["message"]
