import pytest
from fakes.desk import Script

from bots.messages import Exchange, SourceCard
from bots.platforms.web.questions import Unreadable, read_question

SOURCE = SourceCard(1, 7, "退貨辦法", "sales/returns.md", 2, "退貨", "七天內可以退貨。", True)


def test_sentences_come_as_parts_and_the_reply_comes_last(desk, ask, events):
    """Each checked sentence is an event of its own; the reply closes the stream with its sources."""
    desk.script(
        "可以退嗎？", ["七天內可以。[1]", "要附發票。"], [SOURCE], notice="用規則回答", suggestions=("運費呢？",)
    )
    response = ask("可以退嗎？")
    *parts, (last, reply) = events(response)
    assert parts == [("part", {"text": "七天內可以。[1]"}), ("part", {"text": "要附發票。"})]
    assert last == "reply"
    assert (reply["text"], reply["notice"], reply["suggestions"]) == (
        "七天內可以。[1]要附發票。",
        "用規則回答",
        ["運費呢？"],
    )
    assert reply["sources"][0]["quote"] == "七天內可以退貨。"
    assert "chunk_id" not in reply["sources"][0]


def test_a_stream_asks_proxies_not_to_collect_it(ask):
    """Neither a cache nor a compressing or buffering proxy may hold sentences back."""
    headers = ask("運費怎麼算？").headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-store, no-transform"
    assert headers["X-Accel-Buffering"] == "no"


def test_sentences_are_sent_one_by_one(desk, client):
    """The first sentence is sent before the desk has thought of the second."""
    desk.script("可以退嗎？", ["一。", "二。"])
    desk.hold()
    desk.release()
    body = {"window": "sales", "question": "可以退嗎？"}
    response = client.post("/chat/ask", json=body, headers={"Sec-Fetch-Site": "same-origin"}, buffered=False)
    chunks = iter(response.response)
    assert next(chunks).startswith(b":")
    assert b"part" in next(chunks)
    assert desk.finished == 0
    desk.release(2)
    assert b"reply" in b"".join(chunks)
    response.close()


def test_the_desk_is_read_to_its_end(desk, ask, events):
    """What the desk does after its reply is done, such as putting a record away."""
    assert events(ask("沒人知道的事"))[-1][1]["refused"] is True
    assert desk.finished == 1


def test_the_desk_hears_who_asks_what_in_which_language(desk, ask):
    """An anonymous visitor is a customer; the history and the browser's language go along."""
    history = [{"question": "濾心？", "answer": "半年換。"}]
    ask("那多少錢？", history=history, headers={"Accept-Language": "en-GB"}).get_data()
    asked = desk.asked[0]
    assert asked.visitor.groups == {"customers"}
    assert asked.history == (Exchange("濾心？", "半年換。"),)
    assert (asked.window, asked.question, asked.language) == ("sales", "那多少錢？", "en")


def test_a_window_that_does_not_serve_the_visitor_is_refused_in_a_sentence(ask, events):
    """An anonymous visitor cannot ask HR, and is told so without a fault of ours."""
    assert events(ask("特休有幾天？", window="hr")) == [
        ("fault", {"message": "這個窗口沒有對您開放。如果您是同仁，請索取新的登入連結。"})
    ]


def test_trouble_inside_is_told_by_number_and_logged_without_its_words(desk, ask, events, caplog):
    """The visitor gets an incident id; the log has it and the place, but not the exception's message."""
    desk.scripts["可以退嗎？"] = Script(("一。",), None, ValueError("secret body"))
    (_, _), (name, fault) = events(ask("可以退嗎？"))
    incident = caplog.records[0].getMessage().split()[1]
    assert name == "fault"
    assert incident in fault["message"]
    assert "ValueError" in caplog.text
    assert "desk.py" in caplog.text
    assert "secret body" not in caplog.text + fault["message"]
    assert "可以退嗎" not in caplog.text


def test_a_desk_that_ends_without_a_reply_is_trouble_too(desk, ask, events):
    """The page is never left waiting."""
    desk.scripts["可以退嗎？"] = Script(("一。",), None)
    assert [name for name, _ in events(ask("可以退嗎？"))] == ["part", "fault"]


def test_text_that_would_break_a_stream_arrives_whole(desk, ask, events):
    """Line breaks, blank lines and separators inside a sentence stay inside its event."""
    odd = 'a\n\nevent: reply\ndata: {}\n\n\u2028"b"\r\n'
    desk.script("可以退嗎？", [odd])
    assert [data["text"] for _, data in events(ask("可以退嗎？"))] == [odd, odd]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh-TW", "問題太長了，最多 2,000 字，請縮短後再送出。"),
        ("en", "The question is too long: 2,000 characters is the most. Please shorten it."),
    ],
)
def test_a_question_of_more_than_2000_characters_is_refused_in_the_visitors_language(ask, desk, language, sentence):
    """2,000 characters pass, one more is 400 with a clear sentence."""
    assert ask("字" * 2000, headers={"Accept-Language": language}).status_code == 200
    response = ask("字" * 2001, headers={"Accept-Language": language})
    assert (response.status_code, response.json) == (400, {"message": sentence})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("[" * 60_000, 400),
        (b"\xff\xfe", 400),
        ('{"window": "sales"}', 400),
        ('{"window": "sales", "question": 7}', 400),
        ('{"window": "", "question": "a"}', 400),
        ('{"window": "sales", "question": "a", "history": {}}', 400),
        ('{"window": "sales", "question": "a", "history": [{"question": "a"}]}', 400),
        ('{"window": "sales", "question": "' + "a" * 200_000 + '"}', 413),
    ],
)
def test_what_is_no_question_is_refused_in_a_sentence(client, desk, body, status):
    """Malformed input never reaches the desk, and never comes back as a traceback."""
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    response = client.post("/chat/ask", data=body, headers=headers)
    assert response.status_code == status
    assert response.json["message"].endswith("。")
    assert desk.asked == []


def test_only_json_is_taken(client, desk):
    """A form, which another site could send, is refused."""
    response = client.post("/chat/ask", data={"question": "a"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (response.status_code, desk.asked) == (415, [])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_only_our_own_page_may_ask(client, headers, status):
    """Another site's page cannot ask in a visitor's name; a request that does not say where it is from is refused."""
    response = client.post("/chat/ask", json={"window": "sales", "question": "a"}, headers=headers)
    assert response.status_code == status


def test_more_than_three_exchanges_or_overlong_ones_are_refused():
    """The client is to send the last three; the server does not trust it to."""
    exchange = {"question": "a", "answer": "b"}
    asked = {"window": "w", "question": "q"}
    assert len(read_question(asked | {"history": [exchange] * 3}).history) == 3
    for history in (
        [exchange] * 4,
        [{"question": "a", "answer": "b" * 4001}],
        [{"question": "a" * 2001, "answer": "b"}],
    ):
        with pytest.raises(Unreadable):
            read_question(asked | {"history": history})


def test_characters_that_no_database_takes_are_left_out():
    """NUL and other control characters go; a lone surrogate becomes the replacement character; line breaks stay."""
    assert read_question({"window": "w", "question": " a\x00b\x07\ud800\nc "}).question == "ab\ufffd\nc"


def test_a_question_of_blanks_is_refused():
    """Blank and control characters alone are no question."""
    with pytest.raises(Unreadable, match="fault_empty"):
        read_question({"window": "w", "question": " \x00 \n"})
