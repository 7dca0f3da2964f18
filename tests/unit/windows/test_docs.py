"""What the reference pages show is what the readers take."""

import re
from pathlib import Path

import pytest

from bots.windows.channels import load_channels
from bots.windows.load import load_company, load_windows
from bots.windows.people import load_people

ROOT = Path(__file__).parents[3]
WINDOWS = (ROOT / "docs" / "windows.md").read_text(encoding="utf-8")
PEOPLE = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")

HEAD = "name: {name}\ndepartment: 人\ntitle: 窗口\nserves: [employees]\n"


def examples(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def said(page: str, file: str) -> list[str]:
    return re.findall(rf"^{re.escape(file)}.*:\d+: .*$", page, re.MULTILINE)


@pytest.fixture
def windows(write):
    """The windows that the examples name."""
    for name in ("sales", "hr", "it", "finance"):
        write(f"windows/{name}.yaml", HEAD.format(name=name))


def channels_example() -> str:
    (text,) = (text for text in examples(WINDOWS, "yaml") if text.startswith("# company/channels.yaml"))
    return text


def test_the_window_files_are_read(company, write):
    """Each example is a window, by itself or below the keys that every window has."""
    texts = [text for text in examples(WINDOWS, "yaml") if text != channels_example()]
    assert len(texts) == 2
    for text in texts:
        write("windows/hr.yaml", text if text.startswith("name:") else HEAD.format(name="hr") + text)
        (window,) = load_windows(company)
    assert (window.channels.line_pushes, window.channels.line) == (200, ("a-company-staff",))


def test_the_accounts_are_read(company, write, windows):
    """With its variables set the example connects every account, without any fault or note."""
    write("channels.yaml", channels_example())
    names = re.findall(r"\$\{(\w+)\}", channels_example())
    loaded = load_channels(company, {name: f"{name}-0123456789" for name in names}, load_windows(company))
    assert (loaded.faults, loaded.notes) == ((), ())
    channels = loaded.channels
    assert (len(channels.line), len(channels.slack), len(channels.website.windows), len(channels.api)) == (2, 1, 1, 1)


def test_the_faults_of_accounts_are_told_as_shown(company, write, windows):
    """The page shows the sentences that people really get."""
    text = "line:\n  a-company-shop:\n    secret: {secret}\n    token: ${{LINE_SHOP_TOKEN}}\n    windows: [{windows}]\n"
    told = []
    for secret, window in (("0123456789abcdef", "sales"), ("${LINE_SHOP_SECRET}", "slaes")):
        write("channels.yaml", text.format(secret=secret, windows=window))
        told += load_channels(company, {"LINE_SHOP_SECRET": "s"}, load_windows(company)).faults
    assert said(WINDOWS, "channels.yaml") == sorted(map(str, told))


def test_the_faults_of_windows_are_told_as_shown(company, write):
    """The page shows the sentences that people really get."""
    write("windows/hr.yaml", "\n" * 8 + HEAD.format(name="hr").replace("[employees]", "[]"))
    write("windows/it.yaml", HEAD.format(name="it") + "\n" * 3 + "knowlege: []\n")
    write("windows/shop.yaml", "# a\n" + HEAD.format(name="shop").replace("serves: ", "serves："))
    assert said(WINDOWS, "windows/") == [str(fault) for fault in load_company(company).faults]


def test_the_lists_of_people_are_read(company, write):
    """Each example is right as it stands, and a person without an address may be in it."""
    texts = examples(PEOPLE, "csv")
    assert len(texts) == 2
    for text in texts:
        write("people.csv", text)
        rows, faults = load_people(company)
        assert faults == ()
        assert len(rows) == len(text.splitlines()) - 1
        assert all("employees" in row.groups for row in rows)


def test_the_faults_of_people_are_told_as_shown(company, write):
    """The page shows the sentences that people really get."""
    rows = ("A1,a,,,employees", "A2,b,x,,employees", "A3,c,,A0099,employees", "A4,d,,,Sales")
    write("people.csv", "employee_number,name,email,manager,groups\n" + "\n".join(rows))
    assert said(PEOPLE, "people.csv") == [str(fault) for fault in load_people(company)[1]]
