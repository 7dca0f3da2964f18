"""What a page is told without asking: how it hears of it, and who is noted as being there."""

import pytest

from bots.messages import Card, Choice, Reply

ASKED = Reply(
    "有一件申請等您簽核：", cards=(Card("HR-LEAVE-2026-0001", choices=(Choice("核准", data="decide=1/approve"),)),)
)


@pytest.fixture
def boss(client, login_link):
    """A browser in which somebody has signed in as a person."""
    path = login_link("employees", person="A0020").removeprefix("http://localhost")
    client.post(path, headers={"Sec-Fetch-Site": "same-origin"})
    return client


def test_news_are_told_by_window_until_they_are_shown(boss, desk):
    """The conversation then holds them, marked as told, with their taps."""
    desk.tell("hr", ASKED)
    told = boss.get("/chat/news?window=sales")
    assert (told.json, told.headers["Cache-Control"]) == ({"waiting": {"hr": 1}, "newest": ""}, "no-store")
    assert boss.get("/chat/news").json == told.json
    [one] = boss.get("/chat/asked?window=hr").json["asked"]
    assert (one["told"], one["question"], one["reply"]["cards"][0]["choices"][0]["data"]) == (
        True,
        "",
        "decide=1/approve",
    )
    assert boss.get("/chat/news?window=hr").json == {"waiting": {}, "newest": one["id"]}


def test_whoever_signs_in_as_a_person_is_noted_as_being_there(boss, client, desk):
    """With the language of the page, when it opens and as long as it asks for news; nobody else is."""
    boss.get("/", headers={"Accept-Language": "en"})
    boss.get("/chat/news", headers={"Accept-Language": "zh-TW"})
    assert desk.came == [("A0020", "en"), ("A0020", "zh-TW")]
    client.post("/logout", headers={"Sec-Fetch-Site": "same-origin"})
    client.get("/")
    assert len(desk.came) == 2


def test_another_sites_page_hears_no_news(boss):
    """As with everything that is read."""
    assert boss.get("/chat/news", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_closed_window_has_no_news(client):
    """In a sentence, as everywhere."""
    response = client.get("/chat/news?window=hr")
    assert (response.status_code, "沒有對您開放" in response.json["message"]) == (403, True)


def test_news_take_no_seat(boss, app):
    """An open page asks all day; where every seat is taken it hears all the same."""
    seats = app.view_functions["chat.news"].__self__.seats
    while seats.take():
        pass
    assert boss.get("/chat/news").status_code == 200
