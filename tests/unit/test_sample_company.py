"""The sample company says what the table of six departments and four modes asks for, and its parts fit together."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from bots.windows.check import check_company
from bots.windows.data import read_data
from bots.windows.load import load_windows
from bots.windows.model import Window
from bots.windows.modes import expression, values
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Approver, Form
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.meaning import Context, PersonRef
from bots.windows.modes.template import fill_in, names_in
from bots.windows.people import load_people
from rag_core.answer.traditional import is_simplified

COMPANY = Path(__file__).parents[2] / "company"
MATRIX = Path(__file__).parents[1] / "acceptance" / "matrix.yaml"
NOW = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Asia/Taipei"))
CUSTOMER = "customer"

# As the issue has it.
TABLE = """
| | 產 | 銷 | 人 | 發 | 財 | 資 |
|---|---|---|---|---|---|---|
| 通知/回應 | 生產進度, 異常提醒, 客訴通知 | 訂單進度, 異常提醒, 客訴通知 | 打卡提醒, 防疫機制, 考勤狀態, 相關審核 | 研發進度, 日誌填報, 客訴通知 | 報支提醒, 決策數據, 客訴通知 | 待辦/審核, 二段認證, VPN Pass, 行程提議 |
| 資料隨手查 | 品項/專業明細, 生產進度, 客訴處理 | 品項/專業明細, 訂單進度, 客訴處理 | 假/勤資訊, 課程/履歷 | KM/紀錄, 專案資訊, 客訴處理 | 請簽紀錄 | 待辦/審核, 通訊錄, KM/資源 |
| 隨手填單 | 待辦派工, 衛安查核 | 待辦派工, 客訴 | 請假, 加班, 訓練, 打卡 | 待辦派工, 衛安查核 | 費用報支, 簡易採購 | 待辦/審核, 預約資源, 各類申請, 問題叫修 |
| QA | 工作知識 | 官網客服, 售後服務, 工作知識 | HR 規章, 工作知識 | 工作知識 | 請採報支, 工作知識 | 系統客服, 工作知識 |
"""  # noqa: E501  # the table is quoted, not written
KINDS = {"通知/回應": "notification", "資料隨手查": "lookup", "隨手填單": "form", "QA": "question"}

Entry = Mapping[str, Any]
WINDOWS: Mapping[str, Window] = {window.name: window for window in load_windows(COMPANY)}
ENTRIES: list[Entry] = YAML(typ="safe").load(MATRIX.read_text(encoding="utf-8"))
PEOPLE = {person.employee_number: person for person in load_people(COMPANY)[0]}
DATA = read_data(COMPANY)
LOOKUPS = [(window, name, one) for window in WINDOWS.values() for name, one in window.lookups.items()]
FORMS = [(window, name, one) for window in WINDOWS.values() for name, one in window.forms.items()]


def called(entry: object) -> str:
    """What a test's case is called."""
    return "-".join(entry[key] for key in ("department", "mode", "item")) if isinstance(entry, dict) else str(entry)


def of_kind(kind: str) -> list[Entry]:
    """The matrix's entries of one mode."""
    return [entry for entry in ENTRIES if entry["kind"] == kind]


def in_table() -> list[tuple[str, str, str]]:
    """The items of the table: department, mode, item."""
    head, _, *lines = ([cell.strip() for cell in line.split("|")[1:-1]] for line in TABLE.strip().splitlines())
    return [
        (department, mode, item.strip())
        for department, column in zip(head[1:], range(1, len(head)), strict=True)
        for mode, cells in ((line[0], line[column]) for line in lines)
        for item in cells.split(",")
    ]


# --- the matrix ---


def test_the_matrix_has_every_item_of_the_table_once_in_its_order():
    """Sixty-two items, each once, department by department, none besides."""
    assert len(in_table()) == 62
    assert [(entry["department"], entry["mode"], entry["item"]) for entry in ENTRIES] == in_table()


@pytest.mark.parametrize("entry", ENTRIES, ids=called)
def test_an_entry_names_what_its_department_has(entry):
    """The window is the department's, the kind is the mode's, and the window file has what is named."""
    window = WINDOWS[entry["window"]]
    assert (window.department, KINDS[entry["mode"]]) == (entry["department"], entry["kind"])
    if entry["kind"] == "question":
        assert (COMPANY / entry["document"]).is_file()
    else:
        assert entry["name"] in getattr(window, f"{entry['kind']}s")


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e["kind"] != "question"], ids=called)
def test_whoever_asks_is_served(entry):
    """The person of an entry is in people.csv and in a group that the window and the part serve."""
    window = WINDOWS[entry["window"]]
    groups = {"customers"} if entry["who"] == CUSTOMER else PEOPLE[entry["who"]].groups
    narrower = getattr(getattr(window, f"{entry['kind']}s")[entry["name"]], "serves", None)
    assert groups & window.audience
    assert narrower is None or groups & set(narrower)


@pytest.mark.parametrize("entry", of_kind("lookup") + of_kind("form"), ids=called)
def test_an_utterance_is_no_example(entry):
    """What is typed in the acceptance test is not, word for word, what the window file has as an example."""
    assert entry["utterance"] not in {example for _, _, one in [*LOOKUPS, *FORMS] for example in one.examples}


@pytest.mark.parametrize("entry", of_kind("lookup"), ids=called)
def test_every_needed_slot_of_a_lookup_is_said(entry):
    """A slot that the look-up cannot do without is answered, and nothing is answered that is not asked."""
    slots = WINDOWS[entry["window"]].lookups[entry["name"]].slots
    assert {slot.name for slot in slots if not slot.optional} <= set(entry["say"]) <= {slot.name for slot in slots}
    assert all(slot.name not in entry["say"] or read(slot, entry["say"][slot.name]) for slot in slots)


@pytest.mark.parametrize("entry", of_kind("notification"), ids=called)
def test_a_notification_is_told_by_the_trigger_of_the_matrix(entry):
    """By the schedule or by the API, with a value for every name in the text, and with the button that is tapped."""
    what = WINDOWS[entry["window"]].notifications[entry["name"]]
    assert (entry["trigger"] == "schedule") == (what.schedule is not None)
    assert {action.label: action.value for action in what.actions}[entry["action"]] == entry["response"]
    assert set(entry["recipients"]) | set(entry.get("spared", ())) <= set(PEOPLE)
    assert not set(entry["recipients"]) & set(entry.get("spared", ()))
    if entry["trigger"] == "api":
        assert set(names_in(what.text)) == set(entry["values"])
        assert entry["told"] in fill_in(what.text, entry["values"])


@pytest.mark.parametrize("entry", of_kind("notification"), ids=called)
def test_groups_of_a_notification_are_the_recipients_of_the_matrix(entry):
    """Where the window file names groups, the matrix names people of these groups, and spares others."""
    to = WINDOWS[entry["window"]].notifications[entry["name"]].to
    if to is None or to.groups is None:
        assert entry.get("to") == entry["recipients"] or to is not None
        return
    reached = {number for number, person in PEOPLE.items() if person.groups & set(to.groups)}
    assert set(entry["recipients"]) <= reached
    assert not set(entry.get("spared", ())) & reached


# --- the forms of the matrix, filled in ---


@pytest.mark.parametrize("entry", of_kind("form"), ids=called)
def test_what_is_said_to_a_form_becomes_the_row(entry):
    """Every field that is needed is answered in words that are understood, and the values are the row's."""
    form = form_of(entry)
    given = filled(entry)
    assert {field.name for field in form.fields if not field.optional and field.type != "file"} <= set(given)
    expected = {name: value for name, value in entry["row"].items() if name not in form.computed}
    assert {name: plain(value) for name, value in given.items() if name in expected} == expected


@pytest.mark.parametrize("entry", of_kind("form"), ids=called)
def test_a_form_of_the_matrix_breaks_no_rule(entry):
    """Values are computed as the row has them, and no check objects."""
    form, given = form_of(entry), filled(entry)
    known = values.computed(form, given, CONTEXT)
    assert {name: plain(value) for name, value in known.items()} == {name: entry["row"][name] for name in form.computed}
    assert values.problems(form, given, CONTEXT) == {}


@pytest.mark.parametrize("entry", of_kind("form"), ids=called)
def test_a_form_goes_to_the_approvers_of_the_matrix(entry):
    """Step by step the people whom the company's rules name, or whoever works on it; else it is done at once."""
    form, known = form_of(entry), everything(entry)
    steps = [step for step in asked(form, known, entry["who"]) if step]
    assert steps == [sorted(step) for step in entry.get("approvers", [])]
    assigned = decides(form.assign, known, entry["who"]) if form.assign else []
    assert assigned == sorted(entry.get("assigned", []))
    assert entry["state"] == ("waiting" if form.approval else "open" if form.assign else "done")


def form_of(entry: Entry) -> Form:
    return WINDOWS[entry["window"]].forms[entry["name"]]


def filled(entry: Entry) -> dict[str, values.Value]:
    """The form's values, of the words that the matrix has."""
    given: dict[str, values.Value] = {}
    for field in form_of(entry).fields:
        if field.name in entry["say"]:
            given[field.name] = read(field, entry["say"][field.name], given)
    return given


def read(field: FieldSpec, words: str, given: Mapping[str, values.Value] = MappingProxyType({})) -> values.Value:
    """The value of what is said; what a look-up offers is taken from its table."""
    if field.choices_from:
        field = values.with_choices(field, offered(field.name))
    return values.parse(field, words, replace(CONTEXT, values=given))


def offered(field: str) -> list[tuple[object, object]]:
    """What the look-up of a field offers: values with their labels."""
    table, value, label = {
        "course": ("courses", "course_code", "course"),
        "project": ("projects", "project_code", "project"),
        "resource": ("resources", "resource", "resource"),
        "model": ("items", "model", "model"),
        "who": ("contacts", "employee_number", "name"),
    }[field]
    return [(row[value], row[label]) for row in rows_of(table)]


def rows_of(name: str) -> list[dict[str, object]]:
    """The rows of one of the company's tables."""
    table = next(table for table in DATA.tables if table.name == name)
    return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]


def find_people(words: str) -> list[PersonRef]:
    """People by their number or their whole name."""
    return [PersonRef(number, person.name) for number, person in PEOPLE.items() if words in (number, person.name)]


CONTEXT = Context(NOW, "zh-TW", find_people)


def everything(entry: Entry) -> dict[str, Any]:
    """The form's values with the computed ones."""
    given = filled(entry)
    return {**given, **values.computed(form_of(entry), given, CONTEXT)}


def plain(value: Any) -> Any:
    """A value as the matrix writes it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def asked(form: Form, known: Mapping[str, Any], requester: str) -> Iterator[list[str]]:
    for step in form.approval:
        yield sorted({one for approver in step.together for one in decides(approver, known, requester)})


def decides(approver: Approver, known: Mapping[str, Any], requester: str) -> list[str]:
    """Who decides, by people.csv; nobody decides on a request of their own."""
    if approver.when and not expression.evaluate(approver.when, known, NOW.date()):
        return []
    if approver.manager:
        return [PEOPLE[requester].manager]
    if approver.field:
        return [str(known[approver.field])]
    return sorted(n for n, person in PEOPLE.items() if approver.group in person.groups and n != requester)


# --- the window files ---


def test_nothing_is_wrong_with_the_company():
    """No window, look-up, form, notification, SQL file, person or account has a fault."""
    report = check_company(COMPANY)
    assert [str(fault) for fault in report.faults] == []
    assert len(report.windows) == 6


def test_every_sql_file_is_named_by_a_window_file():
    """And every one that is named lies in the folder."""
    named = {one.sql for _, _, one in LOOKUPS} | {
        note.to.sql for window in WINDOWS.values() for note in window.notifications.values() if note.to and note.to.sql
    }
    assert named == {path.name for path in (COMPANY / "lookups").glob("*.sql")}


@pytest.mark.parametrize(("window", "name", "one"), [*LOOKUPS, *FORMS], ids=lambda x: x if isinstance(x, str) else "")
def test_what_is_asked_for_has_examples_in_both_languages(window: Window, name: str, one: Lookup | Form):
    """Four utterances or more, one of them English, unless it only offers choices to others."""
    if isinstance(one, Lookup) and name in helpers(window):
        return
    assert len(one.examples) >= 4
    assert any(re.fullmatch(r"[\x00-\x7f]+", example) for example in one.examples)
    assert set(one.title or {}) == {"zh-TW", "en"}


def helpers(window: Window) -> set[str]:
    """The look-ups that fields take their choices and defaults from."""
    parts = [*(form.fields for form in window.forms.values()), *(one.slots for one in window.lookups.values())]
    return {name for fields in parts for field in fields for name in (field.choices_from, field.defaults_from) if name}


def test_no_example_stands_twice() -> None:
    """In one window; what several windows do (派工) may be said to each of them in the same words."""
    examples = [(window.name, example) for window, _, one in [*LOOKUPS, *FORMS] for example in one.examples]
    assert sorted(examples) == sorted(set(examples))


def test_what_is_tapped_fits_a_quick_reply():
    """LINE shows twenty characters of a label: choices in both languages, and the buttons of notifications."""
    fields = [field for _, _, form in FORMS for field in form.fields] + [s for _, _, one in LOOKUPS for s in one.slots]
    labels = [label for field in fields for option in field.choices for label in option.label.values()]
    labels += [
        tap.label for window in WINDOWS.values() for note in window.notifications.values() for tap in note.actions
    ]
    assert [label for label in labels if len(label) > 20] == []


def test_every_department_asks_notifies_and_takes_forms():
    """Each window has look-ups, forms and notifications, and keeps its suggested questions."""
    for window in WINDOWS.values():
        assert window.lookups
        assert window.forms
        assert window.notifications
        assert len(window.questions) >= 5


def test_customers_reach_only_what_is_meant_for_them():
    """Of what a customer may use, nothing is about a person, and a form takes anonymous visitors."""
    window = WINDOWS["sales"]
    lookups = {name for name, one in window.lookups.items() if one.serves is None or "customers" in one.serves}
    forms = {name for name, one in window.forms.items() if one.serves is None or "customers" in one.serves}
    assert lookups == {"items", "models", "order_status", "complaint_status"}
    assert forms == {"complaint"}
    assert window.forms["complaint"].anonymous
    assert window.forms["complaint"].kind == "complaint"


# --- the data ---


def test_the_data_can_be_read():
    """Every CSV is a table, and every table is used by some SQL file."""
    assert [str(fault) for fault in DATA.faults] == []
    sql = "\n".join(path.read_text(encoding="utf-8") for path in (COMPANY / "lookups").glob("*.sql"))
    assert {table.name for table in DATA.tables} == set(re.findall(r"company\.([a-z_]+)", sql))


def test_employee_numbers_are_those_of_people():
    """Whoever the tables name works here."""
    for table in DATA.tables:
        for at, column in enumerate(table.columns):
            if column.name in ("employee_number", "owner", "author", "asked_by"):
                assert {str(row[at]) for row in table.rows if row[at]} <= set(PEOPLE), f"{table.name}.{column.name}"


def test_the_directory_agrees_with_people():
    """The same names and addresses as in people.csv, everybody once."""
    rows = rows_of("contacts")
    found = {row["employee_number"]: (row["name"], row["email"]) for row in rows}
    assert found == {number: (person.name, person.email) for number, person in PEOPLE.items()}
    assert len(rows) == len(PEOPLE)


def test_everything_is_written_in_traditional_characters():
    """No line of the company's files, nor of the matrix, is Simplified Chinese."""
    files = [*(COMPANY / "windows").glob("*.yaml"), *(COMPANY / "lookups").glob("*.sql"), MATRIX]
    files += (COMPANY / "data").glob("*.csv")
    lines = [(path.name, line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert [where for where in lines if is_simplified(where[1])] == []


def test_its_pushes_fit_into_lines_free_plan():
    """Whoever tries it with an account of their own is told of what waits, and the month's 200 are not spent."""
    budgets = [window.channels.line_pushes for window in WINDOWS.values()]
    assert all(budgets)
    assert sum(budgets) <= 180
