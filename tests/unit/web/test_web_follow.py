"""Following a reply over cut connections, the conversation on the server, and how many may follow at once."""

import pytest
from fakes.desk import FakeDesk, FakeUsedTokens

from bots.platforms.web.seats import Seats, seated
from bots.web import create_app

OURS = {"Sec-Fetch-Site": "same-origin"}
MESSAGE = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
QUESTION = "可以退嗎？"
STREAM = f"/chat/stream?window=sales&message={MESSAGE}"


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.script(QUESTION, ["一。", "二。"])
    return desk


def test_every_event_has_its_mark_and_a_stream_goes_on_after_it(ask, client, events, marks):
    """What came already does not come again, by the header or by the argument."""
    whole = ask(QUESTION, message=MESSAGE)
    assert [name for name, _ in events(whole)] == ["part", "part", "reply"]
    first = marks(whole)[0]
    for rest in (client.get(STREAM, headers={"Last-Event-ID": first}), client.get(f"{STREAM}&last_event_id={first}")):
        assert events(rest) == events(whole)[1:]
        assert marks(rest) == marks(whole)[1:]


def test_a_stream_without_a_mark_begins_at_the_beginning(ask, client, events):
    """A page that was reloaded sees the sentences again."""
    whole = ask(QUESTION, message=MESSAGE)
    assert events(client.get(STREAM)) == events(whole)


def test_a_reply_that_starts_over_says_so(desk, ask, events):
    """The sentences so far are void."""
    desk.script(QUESTION, ["壞。", None, "好。"])
    assert [name for name, _ in events(ask(QUESTION))] == ["part", "restart", "part", "reply"]


@pytest.mark.parametrize("query", [f"window=product&message={MESSAGE}", "window=sales&message=" + MESSAGE[:-1] + "8"])
def test_a_message_of_nobody_is_not_followed(ask, client, events, query):
    """Neither in another window nor under another id."""
    ask(QUESTION, message=MESSAGE).get_data()
    assert [name for name, _ in events(client.get(f"/chat/stream?{query}"))] == ["fault"]


def test_another_visitors_message_is_not_followed(app, ask, events):
    """Who knows the id sees nothing with it."""
    ask(QUESTION, message=MESSAGE).get_data()
    assert [name for name, _ in events(app.test_client().get(STREAM))] == ["fault"]


@pytest.mark.parametrize("mark", ["a b", "x" * 201, "ä"])
def test_a_mark_that_is_none_is_refused(client, mark):
    """It would go to the desk and into a log."""
    response = client.get("/chat/stream", query_string={"window": "sales", "message": MESSAGE, "last_event_id": mark})
    assert response.status_code == 400


@pytest.mark.parametrize("path", [STREAM, "/chat/asked?window=sales"])
def test_another_sites_page_reads_nothing(client, path):
    """Neither by a frame nor by a script."""
    assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_conversation_is_kept_on_the_server(desk, ask, client):
    """Oldest first, with replies as they came; what is being written has none yet."""
    ask(QUESTION).get_data()
    desk.hold()
    ask("運費呢？", message=MESSAGE, buffered=False)
    response = client.get("/chat/asked?window=sales")
    first, second = response.json["asked"]
    assert (first["question"], first["reply"]["text"]) == (QUESTION, "一。二。")
    assert second == {"id": MESSAGE, "question": "運費呢？", "file": False, "told": False, "reply": None}
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/chat/asked?window=product").json["asked"] == []
    desk.release(9)


def test_a_conversation_of_a_closed_window_is_not_told(client):
    """403 with the sentence for a window that does not serve the visitor; 400 for no window at all."""
    assert client.get("/chat/asked?window=hr").status_code == 403
    assert client.get("/chat/asked").status_code == 400


def test_a_new_conversation_forgets_the_old(ask, client):
    """That of this window only, and only when our own page says so."""
    ask(QUESTION).get_data()
    ask(QUESTION, window="product").get_data()
    for headers, status in (({"Sec-Fetch-Site": "cross-site"}, 403), (OURS, 204)):
        assert client.post("/chat/forget", json={"window": "sales"}, headers=headers).status_code == status
    assert client.post("/chat/forget", json=["sales"], headers=OURS).status_code == 400
    assert client.get("/chat/asked?window=sales").json["asked"] == []
    assert len(client.get("/chat/asked?window=product").json["asked"]) == 1


# --- seats ---


def limited(desk: FakeDesk, streams: int):
    app = create_app(desk, secret_key="k" * 16, company_name="A", used_tokens=FakeUsedTokens(), streams=streams)
    return app.test_client()


def post(client, question, message=MESSAGE):
    body = {"window": "sales", "message": message, "question": question}
    return client.post("/chat/ask", json=body, headers=OURS, buffered=False)


def test_who_finds_no_seat_is_asked_to_come_back(desk, events):
    """The question is stored all the same, and the answer to it comes at once when it is there."""
    client = limited(desk, streams=1)
    desk.hold()
    held = post(client, QUESTION)
    next(chunks := iter(held.response))
    other = MESSAGE[:-1] + "8"
    assert events(post(client, "別的", other)) == [("wait", {"seconds": 1})]
    assert events(client.get(f"/chat/stream?window=sales&message={other}")) == [("wait", {"seconds": 1})]
    desk.release(9)
    b"".join(chunks)
    held.close()
    assert desk.following == 0
    assert [put.question for put in desk.puts] == [QUESTION, "別的"]


def test_a_reply_that_is_there_needs_no_seat(desk, events):
    """A page that polls gets it whole."""
    client = limited(desk, streams=0)
    assert [name for name, _ in events(post(client, QUESTION))] in (["wait"], ["reply"])
    while (told := events(client.get(STREAM))) == [("wait", {"seconds": 1})]:
        pass
    assert [(name, data["text"]) for name, data in told] == [("reply", "一。二。")]


def test_a_seat_is_free_again_when_the_page_goes(desk, events):
    """However the stream ends: read to the end, left in the middle, or never begun."""
    client = limited(desk, streams=1)
    post(client, QUESTION).close()  # never begun
    desk.hold()
    left = post(client, "別的", MESSAGE[:-1] + "8")
    next(iter(left.response))
    left.close()
    assert desk.following == 0
    desk.release(9)
    assert [name for name, _ in events(client.get(STREAM))] == ["part", "part", "reply"]


def test_a_stream_of_trouble_gives_its_seat_back():
    """An exception frees it as well; nothing is given back twice."""
    seats = Seats(1)

    def broken():
        yield b"a"
        raise RuntimeError

    stream = seated(seats, broken(), iter(()))
    next(stream)
    assert not seats.take()
    with pytest.raises(RuntimeError):
        next(stream)
    assert seats.take()
    seats.leave()
    with pytest.raises(ValueError, match="released too many"):
        seats.leave()


def test_nobody_holds_a_seat_for_ever(desk, clock, client):
    """After two minutes without a word the page is asked to come back."""
    desk.hold()
    chunks = iter(post(client, QUESTION).response)
    assert [next(chunks), next(chunks)] == [b": open\n\n", b":\n\n"]
    clock.forward(minutes=2)
    assert b"event: wait" in next(chunks)
    assert list(chunks) == []
    assert desk.following == 0
    desk.release(9)
