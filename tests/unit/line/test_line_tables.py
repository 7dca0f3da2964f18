import json

from bots.messages import Choice, Links, Reply, Table
from bots.platforms.line.actions import lost
from bots.platforms.line.render import render

from .test_line_render import texts_of, words_of

EVIL = "<!channel> @All https://evil.example {0} $"
LEAVE = Table(("假別", "剩餘", "到期"), (("特休", "7 天", "2026-12-31"), ("病假", "30 天", "")))


def shown(*tables, text="查到了：", **more):
    return render(Reply(text, tables=tables, **more), Links())


def test_a_record_is_a_list_of_names_and_values():
    """One row: every column with its cell, an empty one as a dash."""
    table = Table(("姓名", "分機", "備註"), (("方思齊", "8123", " "),))
    said, card = shown(table)
    assert said["text"] == "查到了："
    assert words_of(card) == ["姓名", "方思齊", "分機", "8123", "備註", "—"]
    assert card["altText"] == "方思齊 8123"


def test_two_columns_are_keys_and_values():
    """With the columns' names once, above."""
    card = shown(Table(("課程", "時數"), (("防火", "3"), ("急救", "6"))))[1]
    assert words_of(card) == ["課程", "時數", "防火", "3", "急救", "6"]
    assert card["altText"] == "防火 3、急救 6"


def test_of_many_columns_the_first_is_the_heading():
    """The others follow it by name, so that a narrow screen does not cut them."""
    card = shown(LEAVE)[1]
    assert words_of(card) == ["特休", "剩餘", "7 天", "到期", "2026-12-31", "病假", "剩餘", "30 天", "到期", "—"]
    assert card["contents"]["body"]["contents"][0]["contents"][0]["weight"] == "bold"


def test_many_records_become_a_carousel_of_ten_each():
    """All of them, up to twelve bubbles."""
    table = Table(("品號", "數量"), tuple((f"P{n:03}", str(n)) for n in range(95)))
    card = shown(table)[1]
    assert len(card["contents"]["contents"]) == 10
    assert [f"P{n:03}" in words_of(card) for n in (0, 94)] == [True, True]


def test_more_than_a_card_holds_is_said_in_lines():
    """A record a line, none missing, below the reply's text."""
    table = Table(("品號", "數量"), tuple((f"P{n:03}", "  ") for n in range(200)))
    (said,) = texts_of(shown(table))
    lines = said.split("\n")
    assert lines[:3] == ["查到了：", "", "品號 | 數量"]
    assert (lines[3], lines[-1], len(lines)) == ("P000 | —", "P199 | —", 203)


def test_a_table_of_nothing_is_not_shown():
    """Without columns or without rows."""
    assert shown(Table((), ())) == shown(Table(("A",), ())) == [{"type": "text", "text": "查到了："}]


def test_tables_alone_are_a_message_of_their_own():
    """Nothing says that there is nothing."""
    (card,) = shown(LEAVE, Table(("甲",), (("乙",),)), text="")
    assert card["type"] == "flex"
    assert "乙" in words_of(card)


def test_what_stands_in_a_cell_is_only_words():
    """A Flex text has no markup; a tap is what we make one, and no cell is."""
    card = shown(Table((EVIL, EVIL, EVIL), ((EVIL, EVIL, EVIL),)), choices=(Choice(EVIL, data="x"),))[1]
    assert words_of(card) == [EVIL] * 6
    assert "action" not in json.dumps(card["contents"])


def test_of_taps_that_line_cannot_carry_the_log_has_only_the_kind():
    """Never what they would have sent."""
    choices = [Choice("好", data="fill=" + "祕" * 300), Choice("好", data="祕" * 301), Choice("好", say="祕" * 301)]
    assert lost([*choices, Choice("壞", url="x"), Choice("好", data="ok")]) == ("fill", "data", "say", "url")
