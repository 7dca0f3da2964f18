"""Several replies become one."""

from bots.conversations.outbox.merge import merged
from bots.messages import Card, Choice, Reply, SourceCard


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
