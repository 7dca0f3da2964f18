"""The folder examples/: how people ask, a line each, added to what the window file has."""

from pathlib import Path

import pytest

from bots.windows.check import check_company
from bots.windows.load import load_company, load_windows

HR = (Path(__file__).parent / "hr.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def window(write):
    write("windows/hr.yaml", HR)


def test_the_lines_below_a_heading_are_examples_too(company, write):
    """Notes, blank lines and a byte order mark are nothing; a part may have its examples in two places."""
    write(
        "examples/hr.txt",
        "\ufeff# 大家怎麼問\n\n[leave]\n下週要去看牙\n  明天想休 # 一天\n[ leave_balance ]\n剩幾天\n[leave]\nday off\n",
    )
    (hr,) = load_windows(company)
    assert hr.forms["leave"].examples == ("我要請假", "下週要去看牙", "明天想休 # 一天", "day off")
    assert hr.lookups["leave_balance"].examples == ("我還有幾天特休", "剩幾天")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("我要請假\n", "examples/hr.txt:1: stands below no heading; write above it, for example,  [leave_balance]"),
        ("[leav]\n請假\n", "examples/hr.txt:1: [leav]: hr has no look-up or form of this name; did you mean  [leave]?"),
        (
            "\n[expenses]\n",
            "examples/hr.txt:2: [expenses]: hr has no look-up or form of this name; it has leave_balance, leave",
        ),
        ("[leave]\n" + "請" * 121, "examples/hr.txt:2: is longer than 120 characters"),
        ("[leave]\n請假".encode("cp950"), "examples/hr.txt: is not UTF-8; save it again as UTF-8"),
    ],
)
def test_a_file_that_is_wrong_takes_its_window_out_of_use(company, write, text, says):
    """With the line, and how to write it; the other windows stay."""
    write("windows/it.yaml", "name: it\ndepartment: 資\ntitle: 資訊\nserves: [employees]\n")
    write("examples/hr.txt", text)
    loaded = load_company(company)
    assert [window.name for window in loaded.windows] == ["it"]
    (fault,) = loaded.faults
    assert str(fault).startswith(says)


def test_a_file_that_cannot_be_read_is_a_fault(company):
    """A folder in its place, for example."""
    (company / "examples" / "hr.txt").mkdir(parents=True)
    (fault,) = load_company(company).faults
    assert str(fault) == "examples/hr.txt: the file cannot be read (Is a directory)"


def test_a_file_of_no_window_is_remarked(company, write):
    """A window that was renamed would lose its examples without a word."""
    write("examples/human.txt", "[leave]\n請假\n")
    notes = [str(note) for note in check_company(company).notes]
    assert "examples/human.txt: no window in use is called human, so nobody reads it" in notes


def test_an_example_of_two_things_is_remarked_wherever_it_stands(company, write):
    """Then people are asked each time which of them they mean."""
    write("examples/hr.txt", "[leave_balance]\n我要請假\n[leave]\n一樣的\n[leave_balance]\n一樣的！\n")
    notes = [str(note) for note in check_company(company).notes if " is an example of " in str(note)]
    assert len(notes) == 2
