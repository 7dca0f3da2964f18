"""Attached files on LINE's cards."""

from unit.line.test_line_render import problems, words_of  # noqa: F401 a fixture

from bots.messages import AttachedFile, Card, Choice, Links, Reply
from bots.platforms.line.render import render

URL = "https://bots.a-company.example/f/token"
PHOTO = AttachedFile("f1", '漏水 "<b>.jpg', 834_000)
APPROVE = Choice("核准", data="decide=7/approve", style="primary")


def bubble_of(*files, links=Links(), language="zh-TW"):  # noqa: B008 frozen
    reply = Reply("有一件申請等您簽核：", cards=(Card("報修單", "三樓漏水", (APPROVE,), files),), language=language)
    return render(reply, links)[-1]["contents"]


def test_a_file_is_a_line_of_its_card_that_opens_it():
    """Between the words and the buttons, in the telephone's own browser: LINE's may not save it."""
    bubble = bubble_of(PHOTO, links=Links(files={"f1": URL}))
    assert words_of(bubble["body"]) == ["三樓漏水", "📎", '漏水 "<b>.jpg', "814 KB"]
    assert bubble["body"]["contents"][-1]["action"] == {
        "type": "uri",
        "label": '漏水 "<b>.jpg',
        "uri": f"{URL}?openExternalBrowser=1",
    }
    assert [button["action"]["data"] for button in bubble["footer"]["contents"]] == ["decide=7/approve"]


def test_without_an_address_its_name_stands_there():
    """Nothing is promised that cannot be opened."""
    row = bubble_of(PHOTO)["body"]["contents"][-1]
    assert "action" not in row
    assert words_of(row) == ["📎", '漏水 "<b>.jpg', "814 KB"]


def test_a_long_name_and_many_files_keep_lines_limits(problems):  # noqa: F811 the fixture
    """Eight are shown, and how many more there are; a label is cut, a name with no characters is its id."""
    files = tuple(AttachedFile(f"f{n}", "漏水的照片" * 30, 20 * 1024 * 1024) for n in range(11))
    links = Links(files=dict.fromkeys((one.id for one in files), "https://a-company.example/" + "x" * 900))
    cards = tuple(Card(f"報修單 {n}", "漏水" * 200, (APPROVE,), files) for n in range(6))
    messages = render(Reply("等您處理的有這些：", cards=cards), links)
    assert problems(messages) == []
    assert words_of(messages)[-2:] == ["20.0 MB", "另有 3 個附件"]
    assert words_of(bubble_of(*files, language="en")["body"])[-1] == "3 more files"
    assert words_of(bubble_of(AttachedFile("f1", " \n", 1))["body"])[-2:] == ["f1", "1 KB"]
