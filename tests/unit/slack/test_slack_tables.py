from fakes.slack.blocks import characters_of, problems_of_blocks

from bots.messages import Choice, Delivery, Links, Place, Reply, Table
from bots.platforms.slack.render import render, render_plainly

PLACE = Place("slack", "a-company", "D1", direct=True)
EVIL = "<!channel> <@U1> *b* <https://evil.example|特休> https://evil.example :smile: &amp;"
LEAVE = Table(("假別", "剩餘", "到期"), (("特休", "7", "2026-12-31"), ("病假", "30", "")))


def shown(*tables, text="查到了：", answer="", **more):
    return render(Delivery("d-1", PLACE, "U1", Reply(text, tables=tables, **more), Links(answer)))


def of_type(message, kind):
    return [block for block in message.blocks if block["type"] == kind]


def cells(block):
    return [[cell["text"] for cell in row] for row in block["rows"]]


def test_a_table_is_slacks_own():
    """Its columns' names first, no cell empty, amounts to the right, and long cells in several lines."""
    message = shown(LEAVE)
    (table,) = of_type(message, "table")
    assert cells(table) == [["假別", "剩餘", "到期"], ["特休", "7", "2026-12-31"], ["病假", "30", "—"]]
    assert [column["align"] for column in table["column_settings"]] == ["left", "right", "left"]
    assert problems_of_blocks(message.blocks) == []


def test_a_second_table_is_a_list():
    """A message has room for one."""
    message = shown(LEAVE, Table(("課程", "時數"), (("防火", "3"), ("急救", " "))))
    assert len(of_type(message, "table")) == 1
    (listed,) = of_type(message, "rich_text")
    lines = [section["elements"][0]["text"] for section in listed["elements"]]
    assert lines == ["課程 | 時數", "防火 | 3", "急救 | —"]


def test_a_table_of_more_columns_than_slack_has_is_a_list():
    """With every column in it."""
    table = Table(tuple(f"c{n}" for n in range(25)), (tuple(str(n) for n in range(25)),))
    message = shown(table)
    assert of_type(message, "table") == []
    assert of_type(message, "rich_text")[0]["elements"][1]["elements"][0]["text"].endswith(" | 24")


def test_what_does_not_fit_is_counted_with_the_way_to_the_whole():
    """A hundred rows with the names of the columns, and six thousand characters."""
    many = shown(Table(("品號",), tuple((f"P{n}",) for n in range(300))), answer="https://a-company.example/r/1")
    assert len(of_type(many, "table")[0]["rows"]) == 100
    assert [block["elements"][0]["text"] for block in of_type(many, "context")] == ["另有 201 筆，這裡沒有列出。"]
    assert of_type(many, "actions")[0]["elements"][0]["url"] == "https://a-company.example/r/1"
    long = shown(Table(("說明",), tuple(("字" * 900,) for _ in range(30))), language="en")
    (table,) = of_type(long, "table")
    assert characters_of(table["rows"]) <= 6_000
    assert f"{30 - (len(table['rows']) - 1)} more are not listed here." in str(long.blocks)


def test_a_large_table_leaves_room_for_what_one_can_do():
    """The choices below it stay."""
    rows = tuple(tuple("字" * 200 for _ in range(20)) for _ in range(99))
    message = shown(Table(tuple("欄" * 50 for _ in range(20)), rows), choices=(Choice("更多", data="more=1"),))
    assert of_type(message, "actions")[-1]["elements"][0]["value"] == "more=1"
    assert problems_of_blocks(message.blocks) == []


def test_what_stands_in_a_cell_is_only_words():
    """raw_text and rich_text know no markup; in the text for notifications it is escaped."""
    evil = Table((EVIL, EVIL), ((EVIL, EVIL),))
    message = shown(evil, evil, text="")
    (table,) = of_type(message, "table")
    assert {cell["type"] for row in table["rows"] for cell in row} == {"raw_text"}
    assert cells(table) == [[EVIL, EVIL], [EVIL, EVIL]]
    pieces = [piece for section in of_type(message, "rich_text")[0]["elements"] for piece in section["elements"]]
    assert {piece["type"] for piece in pieces} == {"text"}
    assert "<" not in message.text
    assert "&lt;!channel&gt;" in message.text


def test_where_slack_refuses_the_blocks_the_records_are_lines():
    """Nothing is lost but the look."""
    plainly = render_plainly(Delivery("d-1", PLACE, "U1", Reply("查到了：", tables=(LEAVE,))))
    assert plainly.blocks[0]["text"]["text"] == "查到了：\n假別 | 剩餘 | 到期\n特休 | 7 | 2026-12-31\n病假 | 30 | —"


def test_a_table_of_nothing_is_not_shown():
    """Without columns or without rows."""
    assert shown(Table((), ())) == shown(Table(("A",), ())) == shown()
