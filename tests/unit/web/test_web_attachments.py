"""Attached files on the page and behind links: opened by those who may, and never run as a page of ours."""

from datetime import timedelta
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import pytest
from fakes.desk import FakeLinkDesk, FakeUsedTokens

from bots.accounts import Website
from bots.messages import AttachedFile, Card, Reply
from bots.platforms.web import LinkTokens, links
from bots.platforms.web.files import file_name
from bots.ports import OpenedFile
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
OURS = {"Sec-Fetch-Site": "same-origin"}
DELIVERY = str(uuid4())
PHOTO = UUID("0b8f4f0e-51d6-4a52-9a6b-3f0f4f1d2c3b")
JPEG = b"\xff\xd8\xff\xe0 a photo"
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
NAME = '漏水 "<b>.jpg'
ASKED = Reply("有一件申請等您簽核：", cards=(Card("報修單", attachments=(AttachedFile(str(PHOTO), NAME, 834_000),)),))
ADDRESS = f"/files/{PHOTO}"


@pytest.fixture
def link_desk() -> FakeLinkDesk:
    desk = FakeLinkDesk()
    desk.attachments[DELIVERY, PHOTO] = OpenedFile(NAME, "image/jpeg", JPEG)
    return desk


@pytest.fixture
def app(desk, link_desk, clock):
    return create_app(
        desk,
        secret_key=SECRET,
        company_name="A公司",
        used_tokens=FakeUsedTokens(),
        link_desk=link_desk,
        website=Website(("https://shop.example",), ("sales",)),
        now=clock,
    )


@pytest.fixture
def sign_in(app, login_link):
    """Signs in, each in a browser of their own."""

    def signed_in(person):
        client = app.test_client()
        client.post(urlsplit(login_link("employees", person=person)).path, headers=OURS)
        return client

    return signed_in


@pytest.fixture
def served(desk, sign_in):
    """Serves a file to whoever may open it."""

    def serve(content, name=NAME, media_type="image/jpeg"):
        desk.attachments["A1", PHOTO] = OpenedFile(name, media_type, content)
        return sign_in("A1").get(ADDRESS)

    return serve


def test_the_page_is_told_the_address_of_an_attached_file(desk, ask, events):
    """With its name and its size."""
    desk.script("待辦", ["好。"], cards=ASKED.cards)
    card = dict(events(ask("待辦")))["reply"]["cards"][0]
    assert card["attachments"] == [{"name": NAME, "size": "814 KB", "url": ADDRESS}]


def test_the_widget_names_it_only(client, desk, ask, events):
    """Its visitor is told by a header, and a link sends none."""
    desk.script("待辦", ["好。"], cards=ASKED.cards)
    token = client.get("/widget?window=sales").text.split('"visitor": "')[1].split('"')[0]
    card = dict(events(ask("待辦", headers={"X-Transom-Visitor": token})))["reply"]["cards"][0]
    assert card["attachments"] == [{"name": NAME, "size": "814 KB", "url": ""}]


def test_who_may_read_it_opens_it(served):
    """A photo is shown, for this person and this moment."""
    response = served(JPEG)
    assert (response.status_code, response.mimetype, response.data) == (200, "image/jpeg", JPEG)
    assert response.headers["Content-Disposition"].startswith("inline")
    assert response.headers["Cache-Control"] == "private, no-store"


def test_to_everybody_else_it_does_not_exist(desk, client, sign_in, served):
    """Another employee, a visitor, an id nobody knows, one that is none, and whoever may not any more: one page."""
    served(JPEG)
    answers = [sign_in("A2").get(ADDRESS), client.get(ADDRESS)]
    boss = sign_in("A1")
    answers += [boss.get(path) for path in (f"/files/{uuid4()}", "/files/1", f"{ADDRESS}/x", "/files/../files/x")]
    assert boss.get(ADDRESS).status_code == 200
    del desk.attachments["A1", PHOTO]
    answers.append(boss.get(ADDRESS))
    assert {answer.status_code for answer in answers} == {404}
    assert all("這扇門後什麼也沒有" in answer.text for answer in answers)
    assert all(NAME not in answer.text for answer in answers)


@pytest.mark.parametrize("media_type", ["text/html", "image/jpeg", "image/svg+xml", "application/xhtml+xml", "x", ""])
@pytest.mark.parametrize("content", [HTML, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"GIF8"])
def test_what_is_no_picture_is_saved_and_never_runs(served, content, media_type):
    """Whatever it calls itself: bytes to save, in a sandbox, not to be guessed at, framed or kept."""
    response = served(content, "漏水.jpg", media_type)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.mimetype == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    policy = response.headers["Content-Security-Policy"]
    assert policy == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"\x89PNG\r\n\x1a\n.", "png"), (b"GIF89a.", "gif"), (b"RIFF\x0a\x00\n\x00WEBPVP8", "webp"), (JPEG, "jpeg")],
)
def test_a_picture_is_known_by_its_first_bytes(served, content, kind):
    """Also one that was called a page; and it stays in the sandbox."""
    response = served(content, "x.html", "text/html")
    assert response.mimetype == f"image/{kind}"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("media_type", ["application/pdf", "video/mp4", "application/vnd.ms-excel"])
def test_what_a_telephone_opens_elsewhere_keeps_its_kind(served, media_type):
    """It is saved all the same."""
    response = served(b"%PDF-1.7", "a.pdf", media_type)
    assert (response.mimetype, response.headers["Content-Disposition"]) == (media_type, "attachment; filename=a.pdf")


@pytest.mark.parametrize(
    "name",
    [NAME, "a\r\nSet-Cookie: x=1.pdf", "../../etc/passwd", "a\u202egpj.exe", "水" * 300 + ".pdf", "", "a;b=c.txt"],
)
def test_a_hostile_name_is_only_a_name(served, name):
    """Of one line and no folder, as RFC 6266 has it; without one there is still something to save it as."""
    response = served(b"x", name)
    said = response.headers["Content-Disposition"]
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    expected = file_name(name) or "file"
    kept = unquote(said.partition("filename*=UTF-8''")[2]) or said.partition("filename=")[2].strip('"')
    assert kept == expected


# --- behind links ---


@pytest.fixture
def tokens(clock) -> LinkTokens:
    return LinkTokens(SECRET, clock)


@pytest.fixture
def made(tokens, clock) -> str:
    """The path of the link to the photo."""
    made = links("https://bots.a-company.example/", tokens, DELIVERY, ASKED, clock())
    assert list(made.files) == [str(PHOTO)]
    assert len(made.files[str(PHOTO)]) < 300
    assert not links("", tokens, DELIVERY, ASKED, clock()).files
    return urlsplit(made.files[str(PHOTO)]).path


def test_a_link_opens_the_file_without_a_session(client, made):
    """Shown or saved as on the page; LINE's wish to open it outside changes nothing; nobody finds or keeps it."""
    response = client.get(f"{made}?openExternalBrowser=1")
    assert (response.status_code, response.mimetype, response.data) == (200, "image/jpeg", JPEG)
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in response.headers


def test_whatever_is_wrong_with_a_link_is_the_same_page(client, made, tokens, clock, link_desk):
    """Forged, of another kind, of another delivery or file, not to be read any more, expired."""
    ends = clock() + timedelta(days=1)
    wrong = [
        "/f/x",
        f"/f/{tokens.sign(DELIVERY, 1)}",
        made.replace("/f/", "/a/"),
        made.replace("/f/", "/s/"),
        f"/f/{tokens.sign_file('another', str(PHOTO), ends)}",
        f"/f/{tokens.sign_file(DELIVERY, str(uuid4()), ends)}",
        f"/f/{LinkTokens('another key', clock).sign_file(DELIVERY, str(PHOTO), ends)}",
    ]
    answers = [client.get(path) for path in wrong]
    kept = link_desk.attachments.pop((DELIVERY, PHOTO))
    answers.append(client.get(made))
    link_desk.attachments[DELIVERY, PHOTO] = kept
    assert client.get(made).status_code == 200
    clock.forward(days=7)
    answers.append(client.get(made))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
