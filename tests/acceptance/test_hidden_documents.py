"""A viewer without the group gets nothing of a document: no passage, citation, page image, count or score change."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymupdf
import pytest
from acceptance.command import Command, kill, write_window
from acceptance.installation import Server, synced
from flask.testing import FlaskClient

from bots.accounts import Channels
from bots.compose import Office, web_app
from bots.platforms.web import make_login_link

SECRET = "a key for tests, of no worth at all"
QUESTION = "Titan 計畫的調薪幅度上限是多少？"
OPEN = {
    "leave.md": "# 請假\n\n## 特別休假\n\n到職滿一年，特別休假為七日。\n\n## 調薪\n\n調薪每年七月生效。\n",
    "salary.md": "# 薪資\n\n## 發薪\n\n薪資於次月五日發放，調薪差額另計。\n\n## 計畫獎金\n\n於結案後發放。\n",
}
SECRETS = [
    "Titan 計畫的調薪幅度上限為百分之十七。",
    "調薪名單由總經理核定，不得外流。",
    "調薪 調薪 調薪 幅度 上限 計畫",
]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company without anything to hide."""
    return write_company(tmp_path_factory.mktemp("bare"), ["{path: ../documents/*.md}"])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company with a managers' PDF and managers' notes."""
    entries = ["{path: ../documents/*.md}", "{path: ../documents/managers/*, audience: [managers]}"]
    folder = write_company(tmp_path_factory.mktemp("company"), entries)
    managers = folder / "documents" / "managers"
    managers.mkdir()
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), "\n\n".join(SECRETS), fontname="china-t", fontsize=14)
        document.save(managers / "titan.pdf")
    (managers / "notes.md").write_text("# 備忘\n\n" + "\n\n".join(SECRETS[1:] * 5), encoding="utf-8")
    return folder


def write_company(folder: Path, knowledge: list[str]) -> Path:
    (folder / "documents").mkdir()
    for name, text in OPEN.items():
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    write_window(folder, "hr", knowledge, serves="employees, managers")
    return folder


@pytest.fixture(scope="module")
def transom(company: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    with server.database() as url:
        command = Command(company, tmp_path_factory.mktemp("data"), url)
        command.right("sync")
        yield command


def found(transom: Command, question: str, groups: str) -> list[dict[str, Any]]:
    arguments = ("search", question, "--window", "hr", "--groups", groups, "--json", "-k", "100")
    return list(transom.right(*arguments).object["passages"])


def test_the_managers_find_it(transom: Command) -> None:
    """Otherwise the tests below would show nothing."""
    told = transom.right("ask", QUESTION, "--window", "hr", "--groups", "employees,managers", "--json").object
    assert "百分之十七" in told["answer"]
    assert {c["document"] for c in told["citations"]} >= {"documents/managers/titan.pdf"}
    assert any("managers" in passage["document"] for passage in found(transom, QUESTION, "managers"))


@pytest.mark.parametrize(
    "groups", ["employees", "employees,hr", "customers", "", "MANAGERS", "managers'--", "{managers}"]
)
def test_others_get_no_passage_and_no_citation(transom: Command, groups: str) -> None:
    """Neither by another group nor by a name that only looks like the right one."""
    shown = found(transom, QUESTION, groups)
    told = transom.right("ask", QUESTION, "--window", "hr", "--groups", groups, "--json").object
    for text in (str(shown), str(told)):
        assert "managers/" not in text
        assert "十七" not in text
        assert "不得外流" not in text


def test_scores_and_answers_are_those_of_a_company_without_the_documents(
    transom: Command, bare: Path, new_command: Callable[..., Command], tmp_path: Path
) -> None:
    """To an employee the two companies are the same: passages, order, scores, answers, refusals."""
    without = new_command(bare)
    without.right("sync")
    questions = tmp_path / "questions.jsonl"
    asked = (QUESTION, "調薪什麼時候生效？", "特別休假幾日？", "計畫獎金")
    questions.write_text("\n".join(f'{{"question": "{question}"}}' for question in asked), encoding="utf-8")
    for command in ("search", "ask"):
        arguments = (command, "--window", "hr", "--groups", "employees", "--batch", questions)
        with_, bare_ = (one.right(*arguments).objects for one in (transom, without))
        assert len(with_) == len(asked)
        assert [{**told, "milliseconds": 0} for told in with_] == [{**told, "milliseconds": 0} for told in bare_]


@pytest.fixture(scope="module")
def visit(
    company: Path, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., FlaskClient]]:
    """Makes browsers that talk to the real desk, each signed in with some groups or none; a worker answers."""
    data = tmp_path_factory.mktemp("web")
    with server.database() as url, synced(company, url, data) as installed:
        office = Office(installed.transom.settings, tuple(installed.windows.values()), Channels(), SECRET)
        app = web_app(office, url)
        worker = Command(company, data, url).start("worker")

        def browser(*groups: str) -> FlaskClient:
            client = app.test_client()
            if groups:
                link = make_login_link(SECRET, "http://localhost", groups)
                answer = client.post(link.removeprefix("http://localhost"), headers={"Sec-Fetch-Site": "same-origin"})
                assert answer.status_code == 303
            return client

        yield browser
        kill(worker)


def ask(client: FlaskClient, window: str = "hr") -> str:
    """The whole event stream of the question, as text."""
    answer = client.post(
        "/chat/ask",
        json={"window": window, "question": QUESTION, "message": str(uuid4())},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return answer.get_data(as_text=True).encode().decode("unicode_escape", errors="ignore") + answer.get_data(
        as_text=True
    )


def links_in(stream: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/pages/[^\"\\ ]+\.png", stream)))


def test_a_manager_opens_the_page_and_nobody_else_does(visit: Callable[..., FlaskClient]) -> None:
    """The link of a managers' page is the manager's own: another visitor, also another manager's browser, gets 404."""
    manager = visit("employees", "managers")
    [link, *_] = links_in(ask(manager))
    image = manager.get(link)
    assert (image.status_code, image.mimetype) == (200, "image/png")
    assert image.data.startswith(b"\x89PNG")
    for other in (visit(), visit("employees"), visit("managers")):
        assert other.get(link).status_code == 404


def test_an_employee_hears_and_sees_nothing_of_it(visit: Callable[..., FlaskClient]) -> None:
    """In the whole stream of the answer there is neither the document's name nor a word of it."""
    stream = ask(visit("employees"))
    for word in ("titan.pdf", "managers/", "十七", "外流"):
        assert word not in stream
    assert links_in(stream) == []


def test_a_visitor_whom_the_window_does_not_serve_is_told_so(visit: Callable[..., FlaskClient]) -> None:
    """An anonymous visitor neither sees the window nor gets an answer from it."""
    customer = visit()
    assert "/#/hr" not in customer.get("/").get_data(as_text=True)
    stream = ask(customer)
    assert "沒有對您開放" in stream
    assert "titan" not in stream.replace(QUESTION, "")
    assert "documents/" not in stream


def test_who_has_logged_out_opens_no_page_any_more(visit: Callable[..., FlaskClient]) -> None:
    """The groups are checked when the page is opened, not when the link was made."""
    manager = visit("employees", "managers")
    [link, *_] = links_in(ask(manager))
    manager.post("/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert manager.get(link).status_code == 404
