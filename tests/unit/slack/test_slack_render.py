from fakes.slack.blocks import characters_of, problems_of_blocks, problems_of_view, view_too_large
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.messages import (
    AttachedFile,
    Card,
    Choice,
    Delivery,
    FormField,
    FormView,
    Links,
    Place,
    Reply,
    SourceCard,
    Table,
)
from bots.platforms.slack.modal import ask_modal
from bots.platforms.slack.render import render, render_home, render_plainly
from bots.platforms.slack.stream import literal

PLACE = Place("slack", "a-company", "C1", direct=False, thread="1.1")
EVIL = "<!channel> <@U1> *b* _i_ ~s~ `c` <https://evil.example|特休> https://evil.example :smile: &amp; > q"


def delivery(reply, **links):
    return Delivery("d-1", PLACE, "U1", reply, Links(**links))


def source(number=1, title="特休辦法", heading="第二章 特別休假", page=3):
    return SourceCard(number, 7, title, "hr/leave.pdf", page, heading, "滿一年者七日。", has_image=True)


TEXT = st.text(max_size=300) | st.builds(lambda word, times: word * times, st.text(max_size=9), st.integers(0, 4000))
URL = st.sampled_from(["", "https://a.example/" + "x" * 900, "https://a.example/" + "x" * 3500, "javascript:1", "x"])
PICKER, STYLE = st.sampled_from(["", "date", "time", "datetime"]), st.sampled_from(["", "primary", "danger"])
CHOICE = (
    st.builds(Choice, TEXT, say=TEXT, style=STYLE)
    | st.builds(Choice, TEXT, data=TEXT, picker=PICKER, style=STYLE)
    | st.builds(Choice, TEXT, url=URL)
)
MANY_CHOICES = st.lists(CHOICE, max_size=40).map(tuple)
SOURCE = st.builds(source, st.integers(1, 40), TEXT, TEXT, st.none() | st.integers(1, 999))
CELL = TEXT | st.sampled_from(["", " ", "1,200", "NT$ 5", EVIL])
TABLE = st.integers(0, 30).flatmap(
    lambda columns: st.builds(
        Table,
        st.tuples(*[CELL] * columns),
        st.lists(st.tuples(*[CELL] * columns), max_size=4).map(tuple)
        | st.builds(lambda row, times: (row,) * times, st.tuples(*[CELL] * columns), st.integers(1, 200)),
    )
)
FORM = st.builds(FormView, TEXT, TEXT, st.just(()), TEXT)
FILES = st.lists(st.builds(AttachedFile, st.sampled_from("abc"), TEXT, st.integers(1, 10**9)), max_size=12).map(tuple)
REPLY = st.builds(
    Reply,
    TEXT,
    sources=st.lists(SOURCE, max_size=40).map(tuple),
    refused=st.booleans(),
    notice=st.none() | TEXT,
    suggestions=st.lists(TEXT, max_size=40).map(tuple),
    choices=MANY_CHOICES,
    cards=st.lists(st.builds(Card, TEXT, TEXT, MANY_CHOICES, FILES), max_size=60).map(tuple),
    window=TEXT,
    feedback=st.booleans(),
    language=st.sampled_from(["zh-TW", "en"]),
    tables=st.lists(TABLE, max_size=3).map(tuple),
    form=st.none() | FORM,
)
PAGES = st.dictionaries(st.integers(1, 40), URL, max_size=40)


@settings(max_examples=60, deadline=None)
@given(REPLY, URL, PAGES, st.dictionaries(st.sampled_from("abc"), URL))
def test_every_reply_keeps_slacks_limits(reply, answer, pages, files):
    """Blocks, texts, buttons, values and the whole message, whatever the reply holds."""
    told = delivery(reply, answer=answer, pages=pages, files=files)
    for message in (render(told), render_plainly(told)):
        assert problems_of_blocks(message.blocks) == []
        assert 0 < len(message.blocks) <= 50
        assert characters_of(message.blocks) <= 13_000
        assert 0 < len(message.text) <= 4_000
    home = render_home(told)
    assert problems_of_view(home) == []
    assert not view_too_large(home)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=200), max_size=120), TEXT)
def test_the_modal_keeps_slacks_limits(windows, question):
    """Whatever the windows are called and the message says."""
    assert problems_of_view(ask_modal("en", {name: name for name in windows}, question)) == []


def shown(blocks):
    """Return what people read, and every piece of markup that Slack would look into."""
    texts, marked = [], []
    stack = [blocks]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            if here.get("type") == "mrkdwn" or here.get("type") == "markdown":
                marked.append(here)
            if isinstance(here.get("text"), str):
                texts.append(here["text"])
            stack += here.values()
        elif isinstance(here, list):
            stack += here
    return texts, marked


def test_a_documents_words_are_only_words():
    """They stand as they are, where no character is markup: no mention, no link, no bold."""
    reply = Reply(
        EVIL, sources=(source(title=EVIL, heading=EVIL),), cards=(Card(EVIL, EVIL),), notice=EVIL, window=EVIL
    )
    message = render(delivery(reply))
    texts, marked = shown(message.blocks)
    assert marked == []
    assert EVIL in texts
    assert "<" not in message.text
    assert "&lt;!channel&gt;" in message.text
    links = [
        piece
        for block in message.blocks
        for row in block.get("elements", ())
        for piece in row.get("elements", ())
        if piece["type"] == "link"
    ]
    assert links == []


def test_a_stream_shows_characters_and_not_markup():
    """Also while it grows: Markdown's signs are escaped, and a bare address is no link."""
    assert literal("*b* [x](http://e.example) <@U1>") == r"\*b\* \[x\]\(http:" + "\u2060" + r"//e.example\) &lt;@U1&gt;"


def test_a_source_has_its_page_and_opens_it():
    """Number, title, page and heading in one line; the title opens the page where the company has a public address."""
    message = render(delivery(Reply("七天。[1]", sources=(source(),)), pages={1: "https://t.example/p/1"}))
    (listed,) = [block for block in message.blocks if block["type"] == "rich_text"]
    head, line = listed["elements"]
    assert head["elements"][0]["text"] == "出處"
    assert line["elements"] == [
        {"type": "text", "text": "[1] "},
        {"type": "link", "url": "https://t.example/p/1", "text": "特休辦法"},
        {"type": "text", "text": " · 第 3 頁 · 第二章 特別休假"},
    ]


def test_an_address_that_is_none_of_the_webs_opens_nothing():
    """The title stands there without a link."""
    message = render(delivery(Reply("七天。", sources=(source(),)), pages={1: "javascript:alert(1)"}))
    pieces = [piece for row in message.blocks[-1]["elements"] for piece in row["elements"]]
    assert [piece["type"] for piece in pieces] == ["text"] * 4


def test_taps_carry_what_they_say():
    """Suggestions and choices as buttons, feedback with the delivery, and an address opens."""
    reply = Reply(
        "七天。",
        suggestions=("病假呢？",),
        feedback=True,
        choices=(
            Choice("問資訊窗口", data="window:it"),
            Choice("再問", say="特休？"),
            Choice("開啟", url="https://t.example"),
        ),
    )
    blocks = render(delivery(reply)).blocks
    choices, asks = [block["elements"] for block in blocks if block["type"] == "actions"]
    assert [button.get("value") or button["url"] for button in choices] == [
        "window:it",
        "say:特休？",
        "https://t.example",
    ]
    assert asks[0]["value"] == "say:病假呢？"
    pair = blocks[-1]["elements"][0]
    assert (pair["positive_button"]["value"], pair["negative_button"]["value"]) == ("up:d-1", "down:d-1")


def test_a_long_reply_is_shortened_with_the_way_to_the_rest():
    """At the end of a sentence, and the sources stay."""
    text = "這一句話有十二個字左右喔。" * 2_000
    message = render(delivery(Reply(text, sources=(source(),)), answer="https://t.example/a"))
    texts, _ = shown(message.blocks)
    body = "".join(block["text"]["text"] for block in message.blocks if block["type"] == "section")
    assert text.startswith(body)
    assert body.endswith("。")
    assert len(body) > 11_000
    assert "內容較長，這裡只列出前面的部分。" in texts
    assert "特休辦法" in texts
    opened = [button["url"] for block in message.blocks if block["type"] == "actions" for button in block["elements"]]
    assert opened == ["https://t.example/a"]


def test_a_refusal_and_a_notice_are_seen_at_once():
    """In small lines above the text, with the window that speaks; English where the reply is."""
    message = render(delivery(Reply("Ask HR.", refused=True, notice="Extractive", window="HR desk", language="en")))
    lines = [block["elements"][0]["text"] for block in message.blocks if block["type"] == "context"]
    assert lines == ["HR desk", "The documents do not say enough", "Extractive"]


def of_type(blocks, kind):
    return [block for block in blocks if block["type"] == kind]


def test_a_choice_may_ask_for_a_date_or_time():
    """Its data is in the action's id, for a picker has no value; one too long for that is left out."""
    choices = (
        Choice("開始日期", data="fill=starts", picker="date"),
        Choice("幾點", data="fill=at", picker="time"),
        Choice("什麼時候", data="fill=when", picker="datetime"),
        Choice("太長", data="x" * 251, picker="date"),
        Choice("取消", data="fill=cancel"),
    )
    (block,) = of_type(render(delivery(Reply("什麼時候？", choices=choices))).blocks, "actions")
    assert [(one["type"], one["action_id"]) for one in block["elements"]] == [
        ("datepicker", "pick:fill=starts"),
        ("timepicker", "pick:fill=at"),
        ("datetimepicker", "pick:fill=when"),
        ("button", "choice-4"),
    ]
    assert block["elements"][0]["placeholder"] == {"type": "plain_text", "text": "開始日期", "emoji": False}


def test_a_choice_may_stand_out():
    """As Slack's own styles."""
    choices = (
        Choice("核准", data="a", style="primary"),
        Choice("退回", data="b", style="danger"),
        Choice("看", data="c"),
    )
    (block,) = of_type(render(delivery(Reply("", choices=choices))).blocks, "actions")
    assert [button.get("style") for button in block["elements"]] == ["primary", "danger", None]


def test_a_form_is_offered_above_the_choices():
    """A button that opens it; the choices are for whoever would rather answer one by one."""
    form = FormView("hr/leave", "請假單", (FormField("reason", "text", "事由"),), "送出")
    for language, label in (("zh-TW", "填寫表單"), ("en", "Open the form")):
        reply = Reply("好。", form=form, choices=(Choice("一項一項問", data="fill=begin"),), language=language)
        opens, choices = of_type(render(delivery(reply)).blocks, "actions")
        (button,) = opens["elements"]
        assert (button["text"]["text"], button["value"], button["style"]) == (label, "form=hr/leave", "primary")
        assert choices["elements"][0]["value"] == "fill=begin"
