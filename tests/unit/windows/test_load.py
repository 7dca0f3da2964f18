"""A window file becomes a Window, or a line for each thing that is wrong with it."""

from pathlib import Path

import pytest

from bots.errors import WindowFileError
from bots.windows.load import load_company, load_windows

GOOD = (Path(__file__).parent / "hr.yaml").read_text(encoding="utf-8")

MINIMAL = "name: {name}\ndepartment: {department}\ntitle: 窗口\nserves: [employees]\n"


def faults(company, write, text):
    write("windows/hr.yaml", text)
    return [str(fault) for fault in load_company(company).faults]


def test_all_keys_of_a_window_file_are_read(company, write):
    """Each key ends up in the window, with the lines of its knowledge entries."""
    path = write("windows/hr.yaml", GOOD)
    (window,) = load_windows(company)
    assert (window.name, window.department, window.serves, window.file) == ("hr", "人", ("employees",), path)
    assert (window.title_in("zh-TW"), window.title_in("en")) == ("人資窗口", "HR desk")
    assert [entry.audience for entry in window.knowledge] == [None, ("managers", "hr")]
    assert window.knowledge_lines == (9, 10)
    assert window.lookups["leave_balance"].sql == "leave_balance.sql"
    assert window.forms["leave"].title_in("en") == "請假單"
    assert [field.name for field in window.forms["leave"].fields] == ["kind", "starts", "ends"]
    assert window.notifications["clock_in"].actions[1].form == "leave"
    assert window.channels.slack[0].groups == ("employees",)
    assert window.card("en").contact == "人資部 · @hr-duty · hr@a-company.example"


def test_few_keys_are_enough(company, write):
    """A title may be a plain text, and nothing leaves the company unless the file says so."""
    write("windows/a.yaml", MINIMAL.format(name="a", department="財"))
    (window,) = load_windows(company)
    assert window.title_in("en") == "窗口"
    assert window.leaves_company is False


def test_pushes_cost_money_and_are_none_unless_allowed(company, write):
    """A window pushes on LINE only if its file gives it a number a month."""
    write("windows/a.yaml", MINIMAL.format(name="a", department="財"))
    write("windows/b.yaml", MINIMAL.format(name="b", department="財") + "channels: {line_pushes: 200}\n")
    assert [window.channels.line_pushes for window in load_windows(company)] == [0, 200]


def test_windows_come_in_the_departments_order(company, write):
    """產銷人發財資, then by name, whatever the files are called."""
    for file, name, department in (("1", "it", "資"), ("2", "b", "人"), ("3", "a", "人"), ("4", "shop", "銷")):
        write(f"windows/{file}.yaml", MINIMAL.format(name=name, department=department))
    assert [window.name for window in load_windows(company)] == ["shop", "a", "b", "it"]


def test_one_broken_file_does_not_stop_the_others(company, write):
    """What can be read is there, what cannot is named, and the strict way refuses."""
    write("windows/a.yaml", MINIMAL.format(name="a", department="財"))
    write("windows/b.yaml", "name: [")
    loaded = load_company(company)
    assert [window.name for window in loaded.windows] == ["a"]
    assert str(loaded.faults[0]).startswith("windows/b.yaml:1: ")
    with pytest.raises(WindowFileError, match=r"^windows/b\.yaml:1: "):
        load_windows(company)


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("serves: [employees]", "serves: []", "5: serves: must not be empty; write it like  serves: [employees]"),
        ("serves: [employees]", "serves: employees", "5: serves: must be a list; write it like  serves: [employees]"),
        ("serves: [employees]", "serves:", "5: serves: has no value; write it like  serves: [employees]"),
        ("serves: [employees]", "serves: [Sales Team]", '5: serves: is "Sales Team", but must be lower-case'),
        ("serves: [employees]", "serves: [主管]", '5: serves: is "主管", but must be lower-case'),
        ("serves: [employees]", 'serves: [""]', '5: serves: is "", but must be lower-case'),
        ("serves: [employees]\n", "", "2: serves: is missing; write it like  serves: [employees]"),
        ("name: hr", "name: 人資", '2: name: is "人資", but must be lower-case'),
        ("name: hr", "name: 12", "2: name: must be a text"),
        (
            "name: hr",
            "name: hr\nmay_leave_company: maybe",
            '3: may_leave_company: is "maybe", but must be true or false',
        ),
        ("department: 人", "department: HR", '3: department: is "HR", but must be one of 產 銷 人 發 財 資'),
        ("zh-TW", "zh-CN", '4: title.zh-CN: has the language "zh-CN", but the languages are zh-TW and en'),
        ("{zh-TW: 人資窗口, en: HR desk}", "{}", "4: title: must not be empty"),
        ("knowledge:", "knowlege:", "8: knowlege: is not a key of a window file; did you mean knowledge?"),
        ("audience:", "audiance:", "10: knowledge.audiance: is not a key of a window file; did you mean audience?"),
        ("audience: [managers, hr]", "audience: []", "10: knowledge.audience: must not be empty"),
        (
            "audience: [managers, hr]",
            "may_leave_company: true",
            "10: knowledge.may_leave_company: counts only if the whole window says so too",
        ),
        ("{path: ../documents/hr/*.pdf}", "../documents/hr/*.pdf", "9: knowledge: must have keys of its own; write it"),
        ("path: ../documents/hr/*.pdf", 'path: " "', "9: knowledge.path: must not be empty"),
        (
            "persona: 你是 A 公司的人資窗口。",
            "persona: {name}",
            "6: persona: must be a text; one that begins with { or [",
        ),
        ('slack: "@hr-duty"', "slak: x", "7: contact.slak: is not a key of a window file; did you mean slack?"),
        ("questions: [特休有幾天？, 加班費怎麼算？]", "questions: 特休", "33: questions: must be a list"),
        ('channel: "#ask-hr", ', "", "35: channels.slack.channel: is missing"),
        ("groups: [employees]", "groups: []", "35: channels.slack.groups: must not be empty"),
        ("line: [", "lines: [", "36: channels.lines: is not a key of a window file; did you mean line?"),
        ("line: [a-company-staff]", "line_pushes: -1", "36: channels.line_pushes: must be 0 or more; write it like"),
        ("line: [a-company-staff]", "line_pushes: many", "36: channels.line_pushes: must be a whole number; write it"),
        ("line: [a-company-staff]", "line_pushes: yes", "36: channels.line_pushes: must be a whole number; write it"),
    ],
)
def test_what_the_model_refuses_is_told_with_its_line(company, write, written, instead, said):
    """One line: the file, the line, the key, what is wrong and how to write it."""
    assert written in GOOD
    told = faults(company, write, GOOD.replace(written, instead, 1))
    assert len(told) == 1
    assert told[0].startswith(f"windows/hr.yaml:{said}")


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("  - {path: ../documents/hr/*.pdf}", "\t- {path: ../documents/hr/*.pdf}", "9: a tab stands where"),
        ("name: hr", "name: hr\n   department: 人", "3: there is a : where none fits"),
        ("persona:", " persona:", "6: the indentation does not match"),
        ("serves: [employees]", "serves: [employees", "6: a [list] or {group} is not closed"),
        (
            "persona: 你",
            "persona: {name} 你",
            '6: a text that begins with { or [ needs quotes, like  persona: "{name} 你',
        ),
        (
            "persona: 你",
            "persona: [公告] 你: 我",
            '6: a text that begins with { or [ needs quotes, like  persona: "[公',
        ),
        ('"#ask-hr"', "{a} b, [c] d", '35: a text that begins with { or [ needs quotes, like  channel: "{a} b"'),
        ("persona: 你", "persona: 好, [公告] 你: 我", "6: there is a : where none fits"),
        ("serves: [employees]", "serves：[employees]", "5: the colon is full-width"),
        ("name: hr", "name：hr", "2: the colon is full-width"),
        ('"@hr-duty"', "@hr-duty", "7: a text begins with a character that YAML reserves; put it in quotes"),
        ("../documents/hr/*.pdf", "*.pdf", "9: a text begins with * or &, which YAML reserves"),
        ("persona: 你", 'persona: "你', "7: a quotation mark above this line is not closed"),
        ("  line: [a-company-staff]", '  line: ["a-company-staff]', "37: a quotation mark is not closed"),
        ("questions:", "department: 財\nquestions:", "33: department: is written twice; keep one of them"),
        ("  line: [a-company-staff]\n", "---\nname: b\n", "36: a second document begins"),
    ],
)
def test_what_is_no_yaml_is_told_in_plain_words(company, write, written, instead, said):
    """The line and a sentence, nothing of the parser's own talk."""
    assert written in GOOD
    told = faults(company, write, GOOD.replace(written, instead, 1))
    assert len(told) == 1
    assert told[0].startswith(f"windows/hr.yaml:{said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": the file is empty"),
        ("# nothing but a remark\n", ": the file is empty"),
        ("- a\n- b\n", ":1: the file must hold keys with values"),
        ("hello\n", ":1: the file must hold keys with values"),
        (GOOD.encode("cp950"), ":1: the file is not UTF-8"),
        (GOOD.encode("utf-16"), ":1: the file is not UTF-8"),
        (b"name: a\x00b\n", ": there is a character that cannot be shown"),
        ("[" * 1200, ": the file is nested too deeply"),
    ],
)
def test_a_file_that_is_no_window_file_is_told(company, write, text, said):
    """Whatever lies in the folder, the answer is one fault and no crash."""
    told = faults(company, write, text)
    assert len(told) == 1
    assert told[0].startswith(f"windows/hr.yaml{said}")


@pytest.mark.parametrize(
    "text", ["? [a]\n: b\n", "1: a\nnull: b\n", "name: &n\n  a: *n\n", "name: !!python/name:os.x y\n"]
)
def test_strange_yaml_is_a_fault_and_runs_nothing(company, write, text):
    """Keys that are no texts, loops and tags of other programs end as faults."""
    assert faults(company, write, text)


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n")])
def test_editors_of_windows_are_welcome(company, write, text):
    """A byte-order mark and CRLF are no faults."""
    assert faults(company, write, text) == []


def test_all_faults_of_a_file_are_told_at_once(company, write):
    """In the order of the file, so that one correction round is enough."""
    told = faults(company, write, GOOD.replace("人\n", "HR\n", 1).replace("[employees]", "[]", 1))
    assert [line.split(": ")[1] for line in told] == ["department", "serves"]


def test_a_name_taken_twice_names_both_files(company, write):
    """The first file keeps the name; the second is the fault."""
    write("windows/a.yaml", MINIMAL.format(name="hr", department="財"))
    write("windows/b.yaml", MINIMAL.format(name="hr", department="人"))
    loaded = load_company(company)
    assert [window.department for window in loaded.windows] == ["財"]
    assert str(loaded.faults[0]) == 'windows/b.yaml: name: "hr" is taken by windows/a.yaml; give each its own'


def test_only_window_files_are_read(company, write):
    """Editors' leftovers and other files in the folder are not windows."""
    for name in ("windows/.hr.yaml", "windows/~hr.yaml", "windows/leave_balance.sql", "windows/hr.yaml.bak"):
        write(name, "[")
    write("windows/a.yml", MINIMAL.format(name="a", department="財"))
    assert [window.name for window in load_windows(company)] == ["a"]


@pytest.mark.parametrize("missing", ["", "windows", "windows/a.yaml"])
def test_without_any_window_file_the_way_to_start_is_told(tmp_path, missing):
    """No folder, no windows/, or an empty one: the sentence names the command that makes the first."""
    if missing:
        (tmp_path / "company" / missing).parent.mkdir(parents=True)
    with pytest.raises(WindowFileError, match="transom windows new"):
        load_company(tmp_path / "company")
