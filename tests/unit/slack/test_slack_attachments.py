"""Attached files below Slack's cards."""

from fakes.slack.blocks import problems_of_blocks

from bots.messages import AttachedFile, Card, Choice, Delivery, Links, Place, Reply
from bots.platforms.slack.render import render, render_plainly

URL = "https://bots.a-company.example/f/token"
PHOTO = AttachedFile("f1", '漏水 "<b> <@U1> *x*.jpg', 834_000)
APPROVE = Choice("核准", data="decide=7/approve", style="primary")


def delivery(*files, **links):
    reply = Reply("有一件申請等您簽核：", cards=(Card("報修單", "三樓漏水", (APPROVE,), files),))
    return Delivery("d-1", Place("slack", "main", "D1", direct=True), "U1", reply, Links(**links))


def lines_of(message):
    [block] = [block for block in message.blocks if block["type"] == "rich_text"]
    return [section["elements"] for section in block["elements"]]


def test_a_file_is_a_line_of_its_card_that_opens_it():
    """Between the words and the buttons. Its name is only a name: no mention, no markup."""
    message = render(delivery(PHOTO, files={"f1": URL}))
    assert problems_of_blocks(message.blocks) == []
    assert [block["type"] for block in message.blocks] == ["section", "section", "rich_text", "actions"]
    [[clip, link, size]] = lines_of(message)
    assert (clip["text"], size["text"]) == ("📎 ", " · 814 KB")
    assert link == {"type": "link", "url": URL, "text": PHOTO.name}


def test_without_an_address_its_name_stands_there():
    """Nothing is promised that cannot be opened."""
    [[_, name, _]] = lines_of(render(delivery(PHOTO)))
    assert name == {"type": "text", "text": PHOTO.name}


def test_many_files_keep_slacks_limits():
    """Ten are shown, and how many more there are; what has no room for its addresses keeps its names."""
    files = tuple(AttachedFile(f"f{n}", "漏水的照片" * 30, 1) for n in range(12))
    message = render(delivery(*files, files=dict.fromkeys((one.id for one in files), f"{URL}/{'x' * 2000}")))
    assert problems_of_blocks(message.blocks) == []
    lines = lines_of(message)
    assert len(lines) == 11
    assert lines[-1] == [{"type": "text", "text": "另有 2 個附件，這裡沒有列出。"}]
    assert "link" not in {piece["type"] for line in lines for piece in line}


def test_where_slack_refuses_the_blocks_the_name_is_still_said():
    """In the plain paragraph."""
    [block] = render_plainly(delivery(PHOTO, files={"f1": URL})).blocks
    assert block["text"]["text"] == f"有一件申請等您簽核：\n{PHOTO.name}"
