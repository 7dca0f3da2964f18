"""Several replies become one."""

from dataclasses import replace

from bots.conversations.outbox.merge import merged
from bots.messages import AttachedFile, Card, Choice, Reply, SourceCard


def source(number: int, chunk: int) -> SourceCard:
    return SourceCard(number, chunk, "title", "a.md", None, "heading", "quote", has_image=False)


FIRST = Reply(
    "One [1], two [2].",
    (source(1, 11), source(2, 12)),
    notice="old rules",
    suggestions=("first?",),
    choices=(Choice("sales", data="ask=sales"),),
    cards=(Card("a"),),
    window="hr",
    feedback=True,
)
SECOND = Reply(
    "Three [1], not ours [7] [2].",
    (source(1, 13),),
    notice="old rules",
    suggestions=("second?",),
    choices=(Choice("hr", data="ask=hr"),),
    cards=(Card("b"),),
    window="sales",
)


def test_one_reply_stays_as_it_is():
    """Nothing is to be merged."""
    assert merged([FIRST]) is FIRST


def test_sources_are_numbered_through():
    """The text's marks follow; a mark without a source of its reply is left as it was written."""
    reply = merged([FIRST, SECOND])
    assert reply.text == "One [1], two [2].\n\nThree [3], not ours [7] [2]."
    assert [(one.number, one.chunk_id) for one in reply.sources] == [(1, 11), (2, 12), (3, 13)]


def test_a_notice_is_said_once():
    """Different ones are all said; none stays none."""
    third = Reply("x", notice="from a scan")
    assert merged([FIRST, SECOND, third]).notice == "old rules\nfrom a scan"
    assert merged([Reply("x"), Reply("y")]).notice is None


def test_the_taps_of_the_last_one_stay():
    """Those of the earlier ones would lead back; cards stay all."""
    reply = merged([FIRST, SECOND])
    assert (reply.choices, reply.suggestions) == (SECOND.choices, SECOND.suggestions)
    assert [card.title for card in reply.cards] == ["a", "b"]


def test_the_window_is_named_if_it_is_one():
    """Two windows have no common title."""
    assert [merged([FIRST, SECOND]).window, merged([FIRST, FIRST]).window] == ["", "hr"]


def test_only_what_is_refused_altogether_is_refused():
    """And what may be rated in part may be rated."""
    no = Reply("no", refused=True)
    assert [merged([FIRST, no]).refused, merged([no, no]).refused] == [False, True]
    assert [merged([FIRST, no]).feedback, merged([no, no]).feedback] == [True, False]


# --- taps that say what they are about ---


def notice(number: int, *choices: Choice, window: str = "人資窗口") -> Reply:
    shown = Choice("看全部", data=f"request={number}")
    return Reply(f"您的請假單（{number}）已核准。", choices=choices or (shown,), window=window)


def confirmation(number: int) -> Reply:
    taps = tuple(Choice(label, data=f"confirm={number}/{label}") for label in ("yes", "no"))
    return Reply(f"確認付款 {number} 元？", notice=f"出納系統 {number}", cards=(Card("請確認", choices=taps),))


def test_taps_stand_on_a_card_with_the_words_they_belong_to():
    """Of every reply, also the last: below the others' cards nobody could tell whose a quick reply is."""
    reply = merged([notice(1), notice(2, window="財務窗口")])
    assert (reply.text, reply.choices) == ("", ())
    assert [(card.title, card.text) for card in reply.cards] == [
        ("人資窗口", "您的請假單（1）已核准。"),
        ("財務窗口", "您的請假單（2）已核准。"),
    ]
    assert [choice.data for card in reply.cards for choice in card.choices] == ["request=1", "request=2"]


def test_what_is_to_be_confirmed_stands_on_its_own_card():
    """Two confirmations of one title: what each is about, who asks, and every tap, those below the card too."""
    off = Choice("不再通知", data="note=off/hr/pay")
    reply = merged([replace(confirmation(1), choices=(off,)), confirmation(2)])
    assert [(card.title, card.text) for card in reply.cards] == [
        ("請確認", "確認付款 1 元？\n出納系統 1"),
        ("請確認", "確認付款 2 元？\n出納系統 2"),
    ]
    assert [choice.data for choice in reply.cards[0].choices] == ["confirm=1/yes", "confirm=1/no", off.data]
    assert (reply.text, reply.notice, reply.choices) == ("", None, ())


def test_cards_that_have_words_stay_as_they_are():
    """They say what they are about; what can be tapped below them comes after them."""
    more = Choice("更多", data="task=more/6")
    tasks = Reply("等您處理的有這些：", cards=(Card("請假單 1", "方思齊"), Card("請假單 2", "賴怡君")), choices=(more,))
    reply = merged([tasks, Reply("七天。")])
    assert reply.text == "七天。"
    assert [card.text for card in reply.cards] == ["方思齊", "賴怡君", "等您處理的有這些："]
    assert [card.choices for card in reply.cards] == [(), (), (more,)]
    approve = Choice("核准", data="decide=1/approve")
    asked = Reply("有一件申請等您簽核：", cards=(Card("請假單 1", "方思齊", (approve,)),))
    assert merged([asked, asked]).text == "有一件申請等您簽核：\n\n有一件申請等您簽核："
    assert len(merged([asked, asked]).cards) == 2


def test_files_stay_on_their_cards():
    """Also on one that takes up its reply's words."""
    file = AttachedFile("f1", "漏水.jpg", 9)
    bare = Reply(
        "附件如下。", cards=(Card("報修單", choices=(Choice("核准", data="decide=1/approve"),), attachments=(file,)),)
    )
    whole = Reply("報修單", cards=(Card("附件", attachments=(file,)),))
    cards = merged([bare, whole]).cards
    assert [(card.title, card.text, card.attachments) for card in cards] == [
        ("報修單", "附件如下。", (file,)),
        ("附件", "", (file,)),
    ]


def test_taps_that_mean_this_moment_stay_where_they_are_last():
    """An answer that waited is asked of another window no more, and a form's step is over with the next."""
    asked = Reply("哪一天？", choices=(Choice("今天", say="今天"), Choice("取消", data="fill=1/2/cancel")))
    reply = merged([asked, notice(1), FIRST])
    assert (reply.choices, [card.title for card in reply.cards]) == (FIRST.choices, ["人資窗口", "a"])
    assert merged([notice(1), asked]).choices == asked.choices


def test_a_long_text_and_one_with_sources_are_said_in_full():
    """The card begins like it, so that the taps are known by it."""
    offer = Choice("請假單", data="form=hr/leave")
    long, cited = Reply("長" * 301, choices=(offer,)), replace(FIRST, choices=(offer,), cards=())
    reply = merged([long, cited])
    assert reply.text == f"{long.text}\n\n{FIRST.text}"
    assert [card.text for card in reply.cards] == [f"{'長' * 149}…", "One, two.\nold rules…"]
    assert reply.notice == "old rules"
