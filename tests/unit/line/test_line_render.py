import json
from dataclasses import replace

import pytest
from fakes.line.records import Call
from fakes.line.spec import line_spec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linebot.v3.messaging import ReplyMessageRequest

from bots.messages import Card, Choice, Links, Reply, SourceCard
from bots.platforms.line.render import render
from bots.platforms.line.splitting import units

SOURCE = SourceCard(1, 7, "退貨辦法", "sales/returns.md", 2, "第二章 › 退貨", "七天內可以退貨。", True)
NO_LINKS = Links()
DELIVERY = "123e4567-e89b-42d3-a456-426614174000"


@pytest.fixture(scope="module")
def problems(public_data):
    """What LINE would refuse of these messages, by its OpenAPI and its documented limits."""
    spec, path = line_spec(public_data / "line" / "messaging-api.openapi.yml"), "/v2/bot/message/reply"
    operation = spec.operation("POST", path)

    def found(messages):
        body = {"replyToken": "t", "messages": messages}
        raw = json.dumps(body).encode()
        return spec.problems(Call("POST", path, {}, {}, raw, body, "r"), operation)

    return found


def texts_of(messages):
    return [message["text"] for message in messages if message["type"] == "text"]


def words_of(value):
    """Every text a Flex message shows, in order."""
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "text" and "text" in value else []
        return own + [word for inner in value.values() for word in words_of(inner)]
    return [word for inner in value for word in words_of(inner)] if isinstance(value, list) else []


def test_a_plain_reply_is_one_text():
    """Nothing but the text, as it is: LINE shows no Markdown and none is made."""
    assert render(Reply("七天內 **可以** 退貨。"), NO_LINKS) == [{"type": "text", "text": "七天內 **可以** 退貨。"}]


def test_the_window_that_speaks_is_named_once():
    """In the card's header where there is a card, else in the text's first line."""
    assert texts_of(render(Reply("好。", window="客服窗口"), NO_LINKS)) == ["【客服窗口】\n好。"]
    assert texts_of(render(Reply("OK.", window="Sales desk", language="en"), NO_LINKS)) == ["[Sales desk]\nOK."]
    messages = render(Reply("好。[1]", (SOURCE,), window="客服窗口"), NO_LINKS)
    assert texts_of(messages) == ["好。[1]"]
    assert words_of(messages[1]).count("客服窗口") == 1


def test_a_source_shows_title_page_heading_and_quote_and_opens_its_page():
    """The number is the one in the text; a tap on the row opens the page image."""
    messages = render(Reply("好。[1]", (SOURCE,)), Links(pages={1: "https://a-company.example/p/1"}))
    words = words_of(messages[1])
    assert words == ["出處", "1", "退貨辦法", "第 2 頁 · 第二章 › 退貨", "「七天內可以退貨。」", "開啟這一頁 ›"]
    assert messages[1]["altText"] == "出處：退貨辦法"
    row = messages[1]["contents"]["body"]["contents"][0]
    assert row["action"] == {"type": "uri", "label": "出處 1", "uri": "https://a-company.example/p/1"}


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "file:///etc", "https://例.example/", "https://x/" + "a" * 1000]
)
def test_a_source_without_a_good_address_is_only_read(url):
    """No tap is offered that LINE would refuse or that does not lead to a page."""
    message = render(Reply("好。[1]", (SOURCE,)), Links(pages={1: url}))[1]
    assert "action" not in json.dumps(message)
    assert "開啟這一頁 ›" not in words_of(message)


def test_a_source_of_little_is_shown_with_what_it_has():
    """No page, no heading, no quote: the row has no empty lines."""
    bare = SourceCard(3, 7, " ", "faq.csv", None, "", "", False)
    assert words_of(render(Reply("好。[3]", (bare,)), NO_LINKS)[1]) == ["出處", "3", "faq.csv"]


def test_many_sources_become_a_carousel_of_four_each():
    """What does not fit into a carousel is counted."""
    sources = tuple(replace(SOURCE, number=n) for n in range(1, 10))
    carousel = render(Reply("好。", sources), NO_LINKS)[1]["contents"]
    assert [len(bubble["body"]["contents"]) for bubble in carousel["contents"]] == [7, 7, 1]
    sources = tuple(replace(SOURCE, number=n, quote="字" * 500) for n in range(1, 100))
    words = words_of(render(Reply("好。", sources), NO_LINKS)[1])
    shown = sum(word.isdecimal() for word in words)
    assert f"另有 {99 - shown} 則出處" in words


def test_a_refusal_looks_different_and_says_so():
    """An amber header says that there is no answer; the text with the contact stays text, which can be tapped."""
    messages = render(Reply("請洽客服部 02-2345-6789。", refused=True, window="客服窗口"), NO_LINKS)
    assert texts_of(messages) == ["請洽客服部 02-2345-6789。"]
    assert words_of(messages[1]) == ["這個窗口找不到答案", "客服窗口"]
    assert messages[1]["contents"]["header"]["backgroundColor"] == "#fbe8c4"
    english = render(Reply("Ask sales.", refused=True, language="en"), NO_LINKS)
    assert words_of(english[1]) == ["This window found no answer"]


def test_a_notice_is_small_print():
    """It stands in the card, in the reply's language."""
    alone = render(Reply("好。", notice="以規則回答", window="客服窗口"), NO_LINKS)[1]
    assert words_of(alone) == ["客服窗口", "提醒", "以規則回答"]
    below = render(Reply("好。[1]", (SOURCE,), notice="以規則回答"), NO_LINKS)[1]
    assert words_of(below)[-1] == "提醒：以規則回答"


def test_taps_are_on_the_last_message_only():
    """LINE shows the quick replies of the last message; choices come first, then questions, then the thumbs."""
    reply = Reply(
        "好。[1]",
        (SOURCE,),
        suggestions=("運費怎麼算，離島也一樣嗎？請說明",),
        choices=(Choice("看答案", data="answer=1"), Choice("網站", url="https://a-company.example/")),
        feedback=True,
    )
    *others, last = render(reply, NO_LINKS, DELIVERY)
    assert not any("quickReply" in message for message in others)
    assert [item["action"] for item in last["quickReply"]["items"]] == [
        {"type": "postback", "label": "看答案", "data": "answer=1", "displayText": "看答案"},
        {"type": "uri", "label": "網站", "uri": "https://a-company.example/"},
        {"type": "message", "label": "運費怎麼算，離島也一樣嗎？請說明", "text": "運費怎麼算，離島也一樣嗎？請說明"},
        {"type": "postback", "label": "👍 有幫助", "data": f"up:{DELIVERY}", "displayText": "👍 有幫助"},
        {"type": "postback", "label": "👎 沒有幫助", "data": f"down:{DELIVERY}", "displayText": "👎 沒有幫助"},
    ]


def test_of_too_many_taps_the_first_stay():
    """Thirteen fit, and the thumbs are not the ones to go."""
    reply = Reply("好。", suggestions=tuple(f"問題 {n}" for n in range(20)), feedback=True)
    labels = [item["action"]["label"] for item in render(reply, NO_LINKS, DELIVERY)[0]["quickReply"]["items"]]
    assert labels == [*(f"問題 {n}" for n in range(11)), "👍 有幫助", "👎 沒有幫助"]


@pytest.mark.parametrize(
    "choice",
    [
        Choice("長", say="字" * 301),
        Choice("長", data="d" * 301),
        Choice("壞", url="mailto:a@a-company.example"),
        Choice("壞", url="https://["),
        Choice(" ", say=" "),
        Choice("空"),
    ],
)
def test_a_tap_that_line_cannot_carry_is_left_out(choice):
    """It is never shortened: half a question is another question."""
    assert "quickReply" not in render(Reply("好。", choices=(choice,)), NO_LINKS)[0]


def test_cards_become_a_carousel_of_lines_to_tap():
    """Title, text and the whole label of each choice; a tap does what the choice says."""
    cards = (
        Card(
            "客服窗口", "退貨、運費、保固", (Choice("就問客服窗口這個問題，好不好呢？一二三四五", data="window=sales"),)
        ),
        Card("人資窗口", "", (Choice("問人資", say="特休有幾天？"),)),
    )
    messages = render(Reply("想問誰？", cards=cards, window="總機"), NO_LINKS)
    assert texts_of(messages) == ["【總機】\n想問誰？"]
    assert messages[1]["altText"] == "客服窗口、人資窗口"
    first, second = messages[1]["contents"]["contents"]
    assert words_of(first) == ["客服窗口", "退貨、運費、保固", "就問客服窗口這個問題，好不好呢？一二三四五", "›"]
    assert first["body"]["contents"][-1]["action"]["data"] == "window=sales"
    assert second["body"]["contents"][0]["action"]["text"] == "特休有幾天？"


def test_a_long_text_becomes_several_messages_and_keeps_every_character():
    """Cut at ends of paragraphs; the card still follows."""
    text = ("退貨時請附發票與原包裝。" * 100 + "\n\n") * 8 + "以上。"
    messages = render(Reply(text, (SOURCE,)), NO_LINKS)
    assert "".join(texts_of(messages)) == text
    assert [message["type"] for message in messages] == ["text", "text", "flex"]
    assert texts_of(messages)[0].endswith("\n\n")


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        ("https://a-company.example/r/1", "…\n\n完整回答：https://a-company.example/r/1"),
        ("", "…"),
        ("javascript:1", "…"),
    ],
)
def test_what_fits_nowhere_is_shortened_with_a_link_to_the_whole(answer, ending):
    """Five messages are the most LINE takes for one token."""
    messages = render(Reply("字" * 40_000, (SOURCE,)), Links(answer=answer))
    assert len(messages) == 5
    assert texts_of(messages)[-1].endswith("字" + ending)


def test_a_reply_of_nothing_is_still_a_message():
    """LINE takes no empty text."""
    assert texts_of(render(Reply(" \n"), NO_LINKS)) == ["（沒有內容）"]


CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
TEXT = st.text(CHARACTERS | st.sampled_from("👍🏽\u0301\u200d🇹🇼。\n𠮷"), max_size=80)
LONG = TEXT | st.builds(lambda text, times: text * times, TEXT, st.integers(1, 900))
ADDRESS = st.sampled_from(["", "https://a-company.example/x", "http://x/" + "a" * 990, "ftp://x", "https://x/ y"])
CHOICE = (
    st.builds(Choice, TEXT, st.just(""), TEXT) | st.builds(Choice, TEXT, LONG) | st.builds(Choice, TEXT, url=ADDRESS)
)
SOURCES = st.lists(
    st.builds(
        SourceCard,
        st.integers(1, 99),
        st.just(1),
        LONG,
        TEXT,
        st.none() | st.integers(1, 999),
        LONG,
        LONG,
        st.booleans(),
    ),
    max_size=60,
).map(tuple)
REPLY = st.builds(
    Reply,
    LONG,
    SOURCES,
    st.booleans(),
    st.none() | LONG,
    st.lists(LONG, max_size=16).map(tuple),
    st.lists(CHOICE, max_size=16).map(tuple),
    st.lists(st.builds(Card, LONG, LONG, st.lists(CHOICE, max_size=12).map(tuple)), max_size=30).map(tuple),
    TEXT,
    st.booleans(),
    st.sampled_from(["zh-TW", "en"]),
)


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(REPLY, ADDRESS, ADDRESS)
def test_whatever_is_said_line_takes_it(problems, reply, answer, page):
    """One to five messages within every limit; unless shortened no character is lost; the SDK keeps all of it."""
    messages = render(reply, Links(answer, dict.fromkeys(range(1, 100), page)), DELIVERY)
    assert 1 <= len(messages) <= 5
    assert problems(messages) == []
    assert all("quickReply" not in message for message in messages[:-1])
    said = "".join(texts_of(messages))
    is_shortened = said.endswith("…") or (answer and said.endswith(answer))
    assert "".join(reply.text.split()) in "".join(said.split()) or (is_shortened and units(reply.text) > 5_000)
    assert render(reply, Links(answer, dict.fromkeys(range(1, 100), page)), DELIVERY) == messages
    sent = ReplyMessageRequest.from_dict({"replyToken": "t", "messages": messages}).to_dict()
    assert sent["messages"] == messages
