"""What the reference pages show is what the readers take."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from bots.windows.calendar_file import load_calendar
from bots.windows.channels import load_channels
from bots.windows.load import load_company, load_windows
from bots.windows.modes.expression import evaluate
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.values import Context, parse
from bots.windows.modes.workdays import Calendar
from bots.windows.people import load_people
from bots.windows.sources import load_sources
from bots.windows.window_file import WINDOW_FILE

ROOT = Path(__file__).parents[3]
WINDOWS = (ROOT / "docs" / "windows.md").read_text(encoding="utf-8")
PEOPLE = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")

MODES = ("lookups", "forms", "notifications")
FAULTY = """\
forms:
  leave:
    title: 請假單
    fields:

      - {name: kind, type: choice, label: 假別, choises: [特休]}


    approval: [{group: HR}]
notifications:
  clock_in:
    text: 記得打卡。
    actions:
      - {label: 我今天請假, form: leaf}
"""

WORKDAYS = """\
notifications:
  closing:
    schedule: "0 10 25 * *"
    workdays: sometimes
    to: {people: [A0012]}
    text: 今天結帳。
  late:
    workdays: true
    schedule: "0 18 * * 1-5"
    to: {people: [A0012]}
    text: 該下班了。
"""

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


def example_of(file: str) -> str:
    (text,) = (text for text in examples(WINDOWS, "yaml") if text.startswith(f"# company/{file}"))
    return text


def channels_example() -> str:
    return example_of("channels.yaml")


def window_examples() -> list[str]:
    return [text for text in examples(WINDOWS, "yaml") if not text.startswith("# company/") or "/windows/" in text]


def whole(part: str) -> str:
    """A window file of its own, or a part below the keys that every window has."""
    if "name: " in part.partition("\n")[0]:
        return part
    head = HEAD.format(name="hr")
    return part + (head.replace("serves: [employees]\n", "") if part.startswith("serves:") else head)


@pytest.fixture
def sql_files(company, write):
    """The SQL files that the page shows, and an empty one for each other that it names."""
    shown = {text.partition("\n")[0].removeprefix("-- company/"): text for text in examples(WINDOWS, "sql")}
    for name in re.findall(r"\b\w+\.sql\b", "".join(window_examples())):
        write(f"lookups/{name}", shown.pop(f"lookups/{name}", "select 1\n"))
    assert shown == {}


def test_each_example_of_a_window_file_has_no_fault(company, write, sql_files):
    """What the page shows can be copied, a whole window or a part of one."""
    texts = window_examples()
    assert len(texts) > 8
    for text in texts:
        write("windows/hr.yaml", whole(text))
        loaded = load_company(company)
        assert [str(fault) for fault in loaded.faults] == []
        assert len(loaded.windows) == 1


def keys_of(model: BaseModel) -> Iterator[tuple[type[BaseModel], str]]:
    """Every key that was written, in the part itself and below it."""
    for key in model.model_fields_set:
        yield type(model), key
        waiting = [getattr(model, key)]
        while waiting:
            one = waiting.pop()
            if isinstance(one, BaseModel):
                yield from keys_of(one)
            elif isinstance(one, Mapping):
                waiting += one.values()
            elif isinstance(one, tuple):
                waiting += one


def test_every_key_of_the_modes_stands_in_an_example_and_in_a_table(company, write, sql_files):
    """The reference is whole: no key without its example and its line."""
    shown = set()
    for text in window_examples():
        write("windows/hr.yaml", whole(text))
        (window,) = load_windows(company)
        shown |= set(keys_of(window))
    models = {model for path, model in WINDOW_FILE.models.items() if path.split(".")[0] in MODES}
    known = {(model, key) for model in models for key in model.model_fields}
    assert {f"{model.__name__}.{key}" for model, key in known - shown} == set()
    tables = " ".join(line for line in WINDOWS.splitlines() if line.startswith("| "))
    assert [key for _, key in known if not re.search(rf"`[^`]*\b{key}\b[^`]*`", tables)] == []


def test_the_dates_are_understood(company):
    """Each way to write one that the page shows is one: a day, or a time of day."""
    section = WINDOWS.partition("### Dates and times")[2].partition("What is relative")[0]
    days, _, times = section.partition("a time of day alone")
    context = Context(datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Asia/Taipei")))
    for type_, part in (("datetime", days), ("time", times)):
        shown = re.findall(r"`([^`]+)`", part)
        assert len(shown) >= 3
        for text in shown:
            assert parse(FieldSpec(name="a", label="a", type=type_), text, context)


def test_the_expressions_are_worked_out(company):
    """Each expression of the table is one, and comes to something."""
    section = WINDOWS.partition("### Conditions and computed values")[2].partition("###")[0]
    shown = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    day, zone = date(2026, 3, 9), ZoneInfo("Asia/Taipei")
    times = {"starts": datetime(2026, 3, 9, 9, tzinfo=zone), "ends": datetime(2026, 3, 10, 18, tzinfo=zone)}
    values = {"days": 4, "kind": "特休", "amount": 100, "reason": "家事", **times}
    assert {text: evaluate(text, values, day) for text in shown} == {
        "days > 3 and kind == '特休'": True,
        "amount * 1.05 + 100": 205,
        "kind in ['特休', '事假']": True,
        "days(starts, ends)": 2,
        "workdays(starts, ends)": 2,
        "hours(starts, ends)": 33,
        "today()": day,
        "len(reason)": 2,
    }


def test_the_calendars_are_read(company, write):
    """The government's list and one's own are right as they stand."""
    government, own = examples(WINDOWS, "csv")
    write("calendar.csv", government)
    assert load_calendar(company) == (
        Calendar(frozenset({date(2025, 1, 27), date(2025, 1, 28)}), frozenset({date(2025, 2, 8)})),
        (),
    )
    write("calendar.csv", own)
    assert load_calendar(company) == (Calendar(frozenset({date(2026, 1, 1), date(2026, 5, 1)})), ())


def test_the_faults_of_calendars_are_told_as_shown(company, write):
    """The page shows the sentences that people really get."""
    write("calendar.csv", "日期,放假\n2026-01-01,放假\n2026-02-30,放假\n2026-02-27,1\n")
    assert said(WINDOWS, "calendar.csv") == [str(fault) for fault in load_calendar(company)[1]]


def test_the_data_sources_are_read(company, write):
    """With its variable set, the example connects its source."""
    write("company.yaml", example_of("company.yaml"))
    loaded = load_sources(company, {"HRIS_URL": "postgresql://reader@db.a-company.example/hris"})
    assert (loaded.faults, loaded.notes) == ((), ())
    assert set(loaded.sources) == {"company", "hris"}


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
    head = HEAD.format(name="hr").replace("[employees]", "[]")
    write("windows/hr.yaml", "\n" * 8 + head + FAULTY)
    write("windows/finance.yaml", HEAD.format(name="finance") + WORKDAYS)
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
