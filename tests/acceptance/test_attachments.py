"""A file attached on the page is opened by its approvers from LINE, Slack and the page: by nobody else, nor later."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from acceptance import staff as company
from acceptance.installation import Server
from acceptance.office import Browser, Office, strings_of
from acceptance.staff import PEOPLE, Staff, staff_of

PLATFORMS = ("line", "slack")
NAME, CONTENT = "報價單.pdf", b"%PDF-1.7 a quotation"
REPAIR = """
  repair:
    title: 報修單
    fields: [{name: what, label: 哪裡壞了}, {name: quotation, type: file, label: 報價單}]
    approval: [{group: hr}]
"""


def write(folder: Path) -> None:
    """Write the company with a form that asks for a file."""
    company.write(folder)
    window = folder / "windows" / "hr.yaml"
    window.write_text(window.read_text(encoding="utf-8").rstrip() + REPAIR, encoding="utf-8")


@pytest.fixture(scope="module")
def staff(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Staff]:
    folder = tmp_path_factory.mktemp("attachments")
    with server.database() as url, staff_of(url, folder, workers=1, write=write) as staff:
        yield staff


def on_page(office: Office, number: str) -> Browser:
    """Sign in on the page."""
    browser = Browser(office.url)
    link = office.run("login-link", "--person", number).strip()
    assert browser.post(link.removeprefix(office.url)).status == 303
    return browser


def hand_in(staff: Staff, requester: Browser) -> tuple[str, str]:
    """Hand the form in with its file, on the page; return its number and the file's id."""
    attached = {"window": "hr", "message": str(uuid4()), "field": "hr/repair/quotation"}
    assert (
        "已收下" in json.loads(requester.send("/chat/file", attached, (NAME, CONTENT)).text.split("data: ")[-1])["text"]
    )
    form = {"title": "報修單", "name": "hr/repair", "values": {"what": "三樓漏水"}}
    told = requester.post("/chat/ask", {"window": "hr", "message": str(uuid4()), "form": form})
    assert "HR-REPAIR" in told.text
    query = (
        "select s.number, f.id::text from submissions s join submission_files f on f.submission = s.id order by s.id"
    )
    number, file = staff.office.query(query)[-1]
    return number, file


def link_of(staff: Staff, platform: str, who: int, number: str) -> str:
    """Return the link to the file in what somebody was told of the request."""
    person = staff.on(platform, who)
    assert NAME in person.was_told(number).text
    got = (
        [one.messages for one in staff.office.line.delivered if one.to == person.id]
        if platform == "line"
        else [one.blocks for one in staff.office.slack.messages_of_bot(person.channel)]
    )
    return [text for text in strings_of(got) if text.startswith(f"{staff.office.url}/f/")][-1]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_who_decides_opens_it_and_nobody_else(staff: Staff, platform: str) -> None:
    """By the link of their chat, without a session, and on the page; a colleague and a visitor find nothing."""
    letter = platform[0].upper()
    requester = on_page(staff.office, f"{letter}4")
    number, file = hand_in(staff, requester)
    link, address = link_of(staff, platform, 1, number), f"/files/{file}"
    stranger = Browser(staff.office.url)
    answers = [stranger.get(link), on_page(staff.office, f"{letter}1").get(address), requester.get(address)]
    assert [(one.status, one.text) for one in answers] == [(200, CONTENT.decode())] * 3
    refused = [stranger.get(address), on_page(staff.office, f"{letter}5").get(address), stranger.get(link[:-40] + "x")]
    assert [one.status for one in refused] == [404] * 3
    assert NAME not in staff.office.logs()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_who_loses_the_role_loses_the_file_at_once(staff: Staff, platform: str) -> None:
    """The link that opened it a moment ago leads nowhere, while the others' still does."""
    letter = platform[0].upper()
    number, _ = hand_in(staff, on_page(staff.office, f"{letter}4"))
    browser, links = Browser(staff.office.url), {who: link_of(staff, platform, who, number) for who in (1, 3)}
    assert [browser.get(link).status for link in links.values()] == [200, 200]
    people = staff.office.company / "people.csv"
    without = f"{letter}3,{letter.lower()}3@a.example,,employees"
    people.write_text(PEOPLE.replace(f"{without};hr", without), encoding="utf-8")
    staff.office.run("sync")
    assert [browser.get(link).status for link in links.values()] == [200, 404]
