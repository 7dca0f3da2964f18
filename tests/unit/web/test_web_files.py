"""Files from the page: what is taken, under which name, and what everything else is told."""

import re
from io import BytesIO
from uuid import uuid4

import pytest
from unit.web.conftest import OURS

from bots.messages import FILE_BYTES
from bots.platforms.web.files import file_name

MESSAGE = "0b2f6a0e-3f5c-4a3e-9a4e-7f6f1c2d3e4f"
PHOTO = (b"\xff\xd8\xff photo", "發票.jpg", "image/jpeg")


@pytest.fixture(autouse=True)
def asking(desk):
    """A form asks for a file, unless a test says otherwise."""
    desk.asks_for_files = True


@pytest.fixture
def send(client):
    """Posts a file as our page does."""

    def sent(content=PHOTO[0], name=PHOTO[1], media_type=PHOTO[2], headers=OURS, **more):
        fields = {"window": "sales", "message": str(uuid4()), "field": ""} | more
        fields["file"] = (BytesIO(content), name, media_type)
        return client.post("/chat/file", data=fields, headers=headers)

    return sent


def test_a_file_is_stored_and_its_reply_is_followed(send, desk, events):
    """Name, type and content reach the desk as they are; the reply says whether another may follow."""
    desk.script("發票.jpg", ["收到了。"])
    reply = events(send(field="sales/complaint/photo", draft="d1"))[-1][1]
    assert (reply["text"], reply["files"]) == ("收到了。", True)
    [file] = desk.attached
    assert (file.name, file.media_type, file.content) == ("發票.jpg", "image/jpeg", PHOTO[0])
    assert (file.field, file.draft) == ("sales/complaint/photo", "d1")


def test_a_file_is_stored_once_for_each_id(send, desk):
    """A page that is cut off sends it again under the same id."""
    assert [send(message=MESSAGE).status_code for _ in range(2)] == [200, 200]
    assert len(desk.attached) == 1


def test_the_conversation_tells_a_file_from_a_question(send, ask, client):
    """After a reload its name stands there, marked as a file."""
    send().get_data()
    ask("怎麼退？").get_data()
    told = client.get("/chat/asked?window=sales").json
    assert [(one["question"], one["file"]) for one in told["asked"]] == [("發票.jpg", True), ("怎麼退？", False)]
    assert told["files"] is True


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"content": b""}, 400, "空的"),
        ({"name": "run.exe"}, 415, "無法收下"),
        ({"name": "photo.jpg.exe"}, 415, "無法收下"),
        ({"name": "no-ending"}, 415, "無法收下"),
        ({"name": ""}, 400, "沒有收到檔案"),
        ({"field": "x" * 2001}, 400, "沒有收到檔案"),
        ({"message": "not an id"}, 400, "重新整理"),
        ({"window": ""}, 400, "重新整理"),
        ({"window": "hr"}, 403, "沒有對您開放"),
    ],
)
def test_what_is_not_taken_is_refused_in_a_sentence(send, desk, sent, status, sentence):
    """And nothing is stored."""
    response = send(**sent)
    assert (response.status_code, desk.attached) == (status, [])
    assert sentence in response.json["message"]


@pytest.mark.parametrize(("size", "status"), [(0, 200), (1, 413), (100_000, 413)])
def test_a_file_above_20_mb_is_refused_in_a_sentence(client, desk, size, status):
    """Also one whose request is larger than is read at all; exactly 20 MB are taken."""
    told = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("window", "sales"), ("message", MESSAGE), ("field", ""))
    )
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = told.encode() + head.encode() + b"x" * (FILE_BYTES + size) + b"\r\n--b--\r\n"
    response = client.post("/chat/file", data=body, headers=OURS, content_type="multipart/form-data; boundary=b")
    assert (response.status_code, len(desk.attached)) == (status, status == 200)
    assert status == 200 or "20 MB" in response.json["message"]
    response.close()


def test_who_is_asked_for_none_is_told_so(send, desk):
    """A customer whose form asks for no file."""
    desk.asks_for_files = False
    response = send()
    assert (response.status_code, desk.attached) == (403, [])
    assert "沒有收下" in response.json["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Sec-Fetch-Site": "cross-site"}, 403), ({"Origin": "http://elsewhere.example"}, 403), ({}, 403), (OURS, 200)],
)
def test_only_our_own_page_may_send(send, headers, status):
    """Another site's form cannot send a file in a visitor's name."""
    assert send(headers=headers).status_code == status


def test_a_file_waits_for_no_seat(desk, client, app, send):
    """Where every seat is taken, whoever sends is told to try again: a slow connection would hold its thread."""
    chat = app.view_functions["chat.file"].__self__
    while chat.seats.take():
        pass
    response = send()
    assert (response.status_code, response.headers["Retry-After"], desk.attached) == (503, "5", [])
    chat.seats.leave()
    assert send().status_code == 200
    assert chat.seats.take()  # it was given back


def test_a_media_type_that_is_none_is_kept_from_the_desk(send, desk):
    """It may hold anything a browser was told to send."""
    send(media_type="<script>/x y")
    assert desk.attached[0].media_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\fang\\發票 11月.pdf", "發票 11月.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("photo\u202egpj.exe.jpg", "photogpj.exe.jpg"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        (" .. .", ""),
        ("長" * 200 + ".jpeg", "長" * 115 + ".jpeg"),
        ("x" * 200, "x" * 120),
        ("\ud800.png", "\ufffd.png"),
    ],
)
def test_a_name_is_one_line_without_a_path(sent, kept):
    """Nothing in it hides its ending; markup stays text, as everywhere."""
    assert file_name(sent) == kept
    assert not re.search(r"[/\\\n\x00]", kept)
