import json
from dataclasses import replace

import pytest
from fakes.line.records import Call
from fakes.line.spec import line_spec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linebot.v3.messaging import ReplyMessageRequest

from bots.conversations.outbox.merge import merged
from bots.messages import AttachedFile, Card, Choice, FormField, FormView, Links, Reply, SourceCard, Table
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


def test_replies_that_waited_together_keep_their_taps_beside_their_words(problems):
    """Four notices at once: within LINE's limits, a bubble each, whose buttons stay when quick replies are gone."""
    waited = [
        Reply(
            f"確認第 {number} 件？" + "請" * 250,
            notice="出納系統",
            cards=(Card("請確認", choices=tuple(Choice(label, data=f"confirm={number}/{label}", style=style)
                                             for label, style in (("yes", "primary"), ("no", "danger")))),),
            choices=(Choice("不再通知", data=f"note=off/{number}"),),
        )
        for number in range(4)
    ]  # fmt: skip
    messages = render(merged(waited), NO_LINKS, DELIVERY)
    assert problems(messages) == []
    [carousel] = messages
    bubbles = carousel["contents"]["contents"]
    assert [words_of(bubble["body"])[0][:8] for bubble in bubbles] == [f"確認第 {number} 件？" for number in range(4)]
    tapped = [[one["action"]["data"] for one in bubble["footer"]["contents"]] for bubble in bubbles]
    assert tapped == [[f"confirm={number}/yes", f"confirm={number}/no", f"note=off/{number}"] for number in range(4)]


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


def test_a_picker_asks_for_a_date_or_time_and_sends_it_beside_the_data():
    """As a quick reply and in a card; only data can have one."""
    modes = ("date", "time", "datetime")
    choices = tuple(Choice(f"選{mode}", data=f"fill={mode}", picker=mode) for mode in modes)
    messages = render(Reply("什麼時候？", choices=choices, cards=(Card("請假單", "", choices[:1]),)), NO_LINKS)
    expected = [{"type": "datetimepicker", "label": f"選{m}", "data": f"fill={m}", "mode": m} for m in modes]
    assert [item["action"] for item in messages[-1]["quickReply"]["items"]] == expected
    assert messages[1]["contents"]["body"]["contents"][0]["action"] == expected[0]
    assert (
        "quickReply" not in render(Reply("好。", choices=(Choice("選", data="d" * 301, picker="date"),)), NO_LINKS)[0]
    )


def test_a_decision_is_asked_for_with_buttons_that_stay():
    """Quick replies go with the next message. The first choice is the primary one: all of them are buttons."""
    reply = Reply(
        "方思齊申請特休兩天。",
        choices=(
            Choice("核准", data="decide=7/yes", style="primary"),
            Choice("退回並請申請人補上主管的書面同意與相關證明", data="decide=7/no", style="danger"),
            Choice("看內容", data="task=7"),
        ),
        suggestions=("特休有幾天？",),
    )
    said, card = render(reply, NO_LINKS)
    approve, reject, look = card["contents"]["footer"]["contents"]
    assert said["text"] == "方思齊申請特休兩天。"
    assert (approve["type"], approve["style"], approve["color"]) == ("button", "primary", "#24493f")
    assert approve["action"]["data"] == "decide=7/yes"
    assert (reject["backgroundColor"], reject["action"]["data"]) == ("#99301d", "decide=7/no")
    assert words_of(reject) == ["退回並請申請人補上主管的書面同意與相關證明"]
    assert (look["style"], look["action"]["data"]) == ("secondary", "task=7")
    assert card["altText"].startswith("核准、退回")
    assert [item["action"]["label"] for item in card["quickReply"]["items"]] == ["特休有幾天？"]


def test_a_way_out_alone_is_no_decision():
    """A question of a form keeps its answers, and "cancel" beside them, as quick replies."""
    choices = (Choice("特休", data="fill=1"), Choice("取消", data="fill=2", style="danger"))
    (message,) = render(Reply("哪一種假？", choices=choices), NO_LINKS)
    assert [item["action"]["label"] for item in message["quickReply"]["items"]] == ["特休", "取消"]


def test_a_cards_decisions_stand_below_it():
    """In its footer, as buttons in their order; without a style its choices are lines."""
    decision = Choice("核准", data="decide=7", style="primary")
    card = Card("待辦", "領料單", (decision, Choice("看內容", data="request=7")))
    bubble = render(Reply("", cards=(card,)), NO_LINKS)[0]["contents"]
    assert words_of(bubble["body"]) == ["領料單"]
    assert [button["action"]["data"] for button in bubble["footer"]["contents"]] == ["decide=7", "request=7"]
    plain = render(Reply("", cards=(replace(card, choices=card.choices[1:]),)), NO_LINKS)[0]["contents"]
    assert "footer" not in plain
    assert plain["body"]["contents"][-1]["action"]["data"] == "request=7"


def test_of_a_decision_between_many_the_rest_are_quick_replies():
    """Eight buttons, and none is lost."""
    choices = tuple(Choice(f"第 {n} 個", data=f"decide={n}", style="primary") for n in range(10))
    card = render(Reply("", choices=choices), NO_LINKS)[0]
    assert len(card["contents"]["footer"]["contents"]) == 8
    assert [item["action"]["data"] for item in card["quickReply"]["items"]] == ["decide=8", "decide=9"]


def test_a_form_is_left_to_the_conversation():
    """LINE has nothing to fill in: the choices lead."""
    form = FormView("hr/leave", "請假單", (FormField("reason", "text", "事由"),), "送出")
    choices = (Choice("開始填", data="form=hr/leave"),)
    assert render(Reply("好。", choices=choices, form=form), NO_LINKS) == render(
        Reply("好。", choices=choices), NO_LINKS
    )


CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
TEXT = st.text(CHARACTERS | st.sampled_from("👍🏽\u0301\u200d🇹🇼。\n𠮷"), max_size=80)
LONG = TEXT | st.builds(lambda text, times: text * times, TEXT, st.integers(1, 900))
ADDRESS = st.sampled_from(["", "https://a-company.example/x", "http://x/" + "a" * 990, "ftp://x", "https://x/ y"])
PICKER, STYLE = st.sampled_from(["", "date", "time", "datetime"]), st.sampled_from(["", "primary", "danger"])
CHOICE = (
    st.builds(Choice, TEXT, st.just(""), TEXT, picker=PICKER, style=STYLE)
    | st.builds(Choice, TEXT, LONG, style=STYLE)
    | st.builds(Choice, TEXT, url=ADDRESS, style=STYLE)
)
CELL = TEXT | st.sampled_from(["", "特休", "14", "<!channel> @All https://evil.example"])
TABLE = st.integers(0, 24).flatmap(
    lambda columns: st.builds(
        Table,
        st.tuples(*[CELL] * columns),
        st.lists(st.tuples(*[CELL] * columns), max_size=6).map(tuple)
        | st.builds(lambda row, times: (row,) * times, st.tuples(*[LONG] * min(columns, 3)), st.integers(1, 150)),
    )
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
FILES = st.lists(st.builds(AttachedFile, st.sampled_from("abc"), LONG, st.integers(1, 10**9)), max_size=12).map(tuple)
REPLY = st.builds(
    Reply,
    LONG,
    SOURCES,
    st.booleans(),
    st.none() | LONG,
    st.lists(LONG, max_size=16).map(tuple),
    st.lists(CHOICE, max_size=16).map(tuple),
    st.lists(st.builds(Card, LONG, LONG, st.lists(CHOICE, max_size=12).map(tuple), FILES), max_size=30).map(tuple),
    TEXT,
    st.booleans(),
    st.sampled_from(["zh-TW", "en"]),
    st.lists(TABLE, max_size=3).map(tuple),
)


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(REPLY, ADDRESS, ADDRESS)
def test_whatever_is_said_line_takes_it(problems, reply, answer, page):
    """One to five messages within every limit; unless shortened no character is lost; the SDK keeps all of it."""
    links = Links(answer, dict.fromkeys(range(1, 100), page), dict.fromkeys("abc", page))
    messages = render(reply, links, DELIVERY)
    assert 1 <= len(messages) <= 5
    assert problems(messages) == []
    assert all("quickReply" not in message for message in messages[:-1])
    said = "".join(texts_of(messages))
    is_shortened = said.endswith("…") or (answer and said.endswith(answer))
    assert "".join(reply.text.split()) in "".join(said.split()) or (is_shortened and units(reply.text) > 5_000)
    assert render(reply, links, DELIVERY) == messages
    sent = ReplyMessageRequest.from_dict({"replyToken": "t", "messages": messages}).to_dict()
    assert sent["messages"] == messages
