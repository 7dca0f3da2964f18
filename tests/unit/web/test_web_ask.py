import pytest
from fakes.desk import Script

from bots.errors import InboxUnavailable, TooMany
from bots.messages import Card, Choice, FormField, FormView, SourceCard, Table
from bots.platforms.web.questions import Unreadable, read_question

SOURCE = SourceCard(1, 7, "退貨辦法", "sales/returns.md", 2, "退貨", "七天內可以退貨。", True)
MESSAGE = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


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


def test_what_can_be_tapped_comes_along_if_a_page_can_do_it(desk, ask, events):
    """A choice that asks, one that opens a page, one that sends data back; not one that runs something."""
    choices = (
        Choice("問人資", say="特休有幾天？"),
        Choice("看", url="https://a.example/x"),
        Choice("壞", url="javascript:alert(1)"),
        Choice("按", data="up:1"),
    )
    desk.script("可以退嗎？", ["好。"], choices=choices, cards=(Card("窗口", "哪一個？", choices[:1]),))
    reply = events(ask("可以退嗎？"))[-1][1]
    said = [{key: value for key, value in one.items() if value} for one in reply["choices"]]
    assert said == [
        {"label": "問人資", "say": "特休有幾天？"},
        {"label": "看", "url": "https://a.example/x"},
        {"label": "壞"},
        {"label": "按", "data": "up:1"},
    ]
    card = {"title": "窗口", "text": "哪一個？", "choices": reply["choices"][:1], "attachments": []}
    assert reply["cards"] == [card]


def test_a_stream_asks_proxies_not_to_collect_it(ask):
    """Neither a cache nor a compressing or buffering proxy may hold sentences back."""
    headers = ask("運費怎麼算？").headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-store, no-transform"
    assert headers["X-Accel-Buffering"] == "no"


def test_sentences_are_sent_one_by_one(desk, client):
    """The first sentence is sent before the desk has thought of the second; heartbeats come in between."""
    desk.script("可以退嗎？", ["一。", "二。"])
    desk.hold()
    body = {"window": "sales", "message": MESSAGE, "question": "可以退嗎？"}
    response = client.post("/chat/ask", json=body, headers={"Sec-Fetch-Site": "same-origin"}, buffered=False)
    chunks = iter(response.response)
    assert next(chunks) == b": open\n\n"
    assert next(chunks) == b":\n\n"
    desk.release()
    assert b"part" in next(chunk for chunk in chunks if chunk != b":\n\n")
    assert next(chunks) == b":\n\n"
    desk.release(2)
    assert b"reply" in b"".join(chunks)
    response.close()


def test_a_question_is_stored_once_whatever_happens_to_the_stream(desk, ask, events):
    """The same id asked again follows the same reply."""
    desk.script("可以退嗎？", ["一。"])
    assert events(ask("可以退嗎？", message=MESSAGE)) == events(ask("可以退嗎？", message=MESSAGE))
    assert [(put.message_id, put.question) for put in desk.puts] == [(MESSAGE, "可以退嗎？")]


def test_the_desk_hears_who_asks_what_in_which_language(desk, ask):
    """An anonymous visitor is a customer; the browser's language goes along."""
    ask("那多少錢？", message=MESSAGE, headers={"Accept-Language": "en-GB"}).get_data()
    put = desk.puts[0]
    assert put.visitor.groups == {"customers"}
    assert (put.window, put.message_id, put.question, put.language) == ("sales", MESSAGE, "那多少錢？", "en")


def test_a_window_that_does_not_serve_the_visitor_is_refused_in_a_sentence(ask):
    """An anonymous visitor cannot ask HR, and is told so without a fault of ours."""
    response = ask("特休有幾天？", window="hr")
    assert response.status_code == 403
    assert response.json == {"message": "這個窗口沒有對您開放。如果您是同仁，請索取新的登入連結。"}


@pytest.mark.parametrize(
    ("refusal", "status", "retry", "sentence"),
    [
        (TooMany(17), 429, "17", "您問得有點快，請等 17 秒後再試一次。"),
        (InboxUnavailable("no"), 503, "5", "目前無法收下您的問題，請稍後再試一次。"),
    ],
)
def test_what_cannot_be_stored_now_is_refused_in_a_sentence(desk, ask, refusal, status, retry, sentence):
    """Who asks too fast, and whom we cannot serve, hears when to come back."""
    desk.refuses = refusal
    response = ask("a")
    assert (response.status_code, response.headers["Retry-After"]) == (status, retry)
    assert response.json == {"message": sentence}


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


def test_trouble_before_the_stream_is_told_by_number_too(desk, ask, caplog):
    """What nobody expected of the desk is 500 with the incident's number, in JSON."""
    desk.refuses = ValueError("secret body")
    response = ask("a")
    assert response.status_code == 500
    assert caplog.records[0].getMessage().split()[1] in response.json["message"]
    assert "secret body" not in caplog.text + response.text


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
def test_a_question_of_more_than_2000_characters_is_refused_in_the_visitors_language(ask, language, sentence):
    """2,000 characters pass, one more is 400 with a clear sentence."""
    assert ask("字" * 2000, headers={"Accept-Language": language}).status_code == 200
    response = ask("字" * 2001, headers={"Accept-Language": language})
    assert (response.status_code, response.json) == (400, {"message": sentence})


ASKED = f'"window": "sales", "message": "{MESSAGE}"'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("[" * 60_000, 400),
        (b"\xff\xfe", 400),
        ('{"window": "sales"}', 400),
        (f'{{{ASKED}, "question": 7}}', 400),
        (f'{{"window": "", "message": "{MESSAGE}", "question": "a"}}', 400),
        ('{"window": "sales", "question": "a"}', 400),
        ('{"window": "sales", "message": "../x", "question": "a"}', 400),
        (f'{{{ASKED}, "question": "' + "a" * 70_000 + '"}', 413),
    ],
)
def test_what_is_no_question_is_refused_in_a_sentence(client, desk, body, status):
    """Malformed input never reaches the desk, and never comes back as a traceback."""
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    response = client.post("/chat/ask", data=body, headers=headers)
    assert response.status_code == status
    assert response.json["message"].endswith("。")
    assert desk.puts == []


def test_only_json_is_taken(client, desk):
    """A form, which another site could send, is refused."""
    response = client.post("/chat/ask", data={"question": "a"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (response.status_code, desk.puts) == (415, [])


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
    body = {"window": "sales", "message": MESSAGE, "question": "a"}
    response = client.post("/chat/ask", json=body, headers=headers)
    assert response.status_code == status


def test_characters_that_no_database_takes_are_left_out():
    """NUL and other control characters go; a lone surrogate becomes the replacement character; line breaks stay."""
    sent = {"window": "w", "message": MESSAGE, "question": " a\x00b\x07\ud800\nc "}
    assert read_question(sent).text == "ab\ufffd\nc"


def test_a_question_of_blanks_is_refused():
    """Blank and control characters alone are no question."""
    with pytest.raises(Unreadable, match="fault_empty"):
        read_question({"window": "w", "message": MESSAGE, "question": " \x00 \n"})


def test_a_table_and_a_form_come_along(desk, ask, events):
    """Records as columns and rows; a form with its fields, to be filled in right there."""
    form = FormView("hr/leave", "請假單", (FormField("kind", "choice", "假別", choices=(("特休", "特休"),)),), "送出")
    desk.script("特休剩多少？", ["有。"], tables=(Table(("假別", "天數"), (("特休", "7"),)),), form=form)
    reply = events(ask("特休剩多少？"))[-1][1]
    assert reply["tables"] == [{"columns": ["假別", "天數"], "rows": [["特休", "7"]]}]
    assert reply["form"]["fields"][0]["choices"] == [["特休", "特休"]]


def test_a_tap_is_stored_and_answered(desk, client, events):
    """What a choice carries reaches the desk as it is, and its reply is followed like an answer."""
    desk.script("送出", ["已送出。"])
    body = {"window": "sales", "message": MESSAGE, "tap": {"label": "送出", "data": "fill=12/send"}}
    response = client.post("/chat/ask", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert events(response)[-1][1]["text"] == "已送出。"
    assert [data for _, data in desk.taps] == ["fill=12/send"]


def test_a_form_is_stored_and_answered(desk, client):
    """What was filled in reaches the desk by field, several choices as a tuple."""
    values = {"kind": "特休", "days": ["一", "二"], "reason": " 家裡有事\x00 "}
    body = {"window": "hr", "message": MESSAGE, "form": {"name": "hr/leave", "title": "請假單", "values": values}}
    client.post("/chat/ask", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    ((_, filled),) = desk.handed_in
    assert (filled.form, filled.title) == ("hr/leave", "請假單")
    assert filled.values == {"kind": "特休", "days": ("一", "二"), "reason": "家裡有事"}
    assert filled.draft == ""  # from a page that does not know


LEAVE = FormView("hr/leave", "請假單", (FormField("reason", "text", "事由"),), "送出", draft="d1")


def test_a_form_says_as_what_it_is_filled_in(desk, ask, client, events):
    """The page gets the draft with the form, and names it when it hands in."""
    desk.script("我要請假", ["請填寫。"], form=LEAVE)
    shown = events(ask("我要請假"))[-1][1]["form"]
    form = {"name": shown["name"], "title": shown["title"], "draft": shown["draft"], "values": {"reason": "搬家"}}
    body = {"window": "sales", "message": MESSAGE, "form": form}
    client.post("/chat/ask", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert [filled.draft for _, filled in desk.handed_in] == ["d1"]


def test_what_became_of_forms_comes_with_every_reply_and_with_the_conversation(desk, ask, client, events):
    """Which are open, and the numbers of those that were handed in."""
    desk.script("我要請假", ["請填寫。"], form=LEAVE)
    assert events(ask("我要請假"))[-1][1]["forms"] == {"open": ["d1"], "handed_in": {}}
    desk.numbers["d1"] = "HR-LEAVE-2026-0001"
    now = {"open": [], "handed_in": {"d1": "HR-LEAVE-2026-0001"}}
    assert events(ask("運費怎麼算？"))[-1][1]["forms"] == now
    assert client.get("/chat/asked?window=sales").json["forms"] == now


@pytest.mark.parametrize(
    "said",
    [
        {"tap": {"label": "x" * 301, "data": "a"}},
        {"tap": {"label": "x", "data": "a" * 2001}},
        {"tap": {"label": "x", "data": ["a"]}},
        {"tap": {"label": "x"}},
        {"form": {"name": "hr/leave", "title": "t", "values": {"a": {"b": "c"}}}},
        {"form": {"name": "hr/leave", "title": "t", "values": {"a": [1]}}},
        {"form": {"name": "hr/leave", "title": "t", "values": {f"f{n}": "" for n in range(41)}}},
        {"form": {"name": "hr/leave", "title": "t", "values": {"a": ["x"] * 101}}},
        {"form": {"name": "hr/leave", "title": "t", "values": {"a": "x" * 2001}}},
        {"form": {"name": "hr/leave", "title": "t", "values": []}},
        {"form": {"name": "hr/leave", "title": "t", "values": {}, "draft": 7}},
        {"form": {"name": "hr/leave", "title": "t", "values": {}, "draft": "x" * 301}},
    ],
)
def test_a_tap_or_form_that_no_page_of_ours_sends_is_refused(desk, client, said):
    """Nothing of it is stored, and the refusal is a sentence."""
    body = {"window": "hr", "message": MESSAGE} | said
    response = client.post("/chat/ask", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 400
    assert "重新整理" in response.json["message"]
    assert not desk.puts
