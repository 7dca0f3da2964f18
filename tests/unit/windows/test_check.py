"""What ``transom windows check`` tells about a company."""

from pathlib import Path

import pytest

from bots.windows.check import check_company

GOOD = (Path(__file__).parent / "hr.yaml").read_text(encoding="utf-8")

SAMPLE = Path(__file__).parents[3] / "company"

HEAD = "name: hr\ndepartment: 人\ntitle: 人資\nserves: [employees]\n"


def test_a_good_company_has_nothing_to_remark(company, write):
    """No fault and no note where everything is in place."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge:\n  - {path: ../d/*.md}\n")
    report = check_company(company)
    assert (report.faults, report.notes) == ((), ())


def test_a_window_with_every_mode_has_nothing_to_remark(company, write):
    """Look-ups, forms and notifications that are in place are no reason for a note."""
    write("documents/hr/a.pdf")
    write("documents/hr/managers/b.md")
    write("windows/hr.yaml", GOOD.partition("channels:")[0])
    write("people.csv", PEOPLE + "b,A2,,A1,employees\n")
    report = check_company(company)
    assert (report.faults, report.notes) == ((), ())


PEOPLE = "name,employee_number,email,manager,groups\na,A1,,,managers;hr\n"
WITH_MODES = """\
contact: 人資部
knowledge:
  - {path: ../d/*.md}
lookups:
  balance: {sql: leave_balance.sql, examples: [我要請假]}
forms:
  leave:
    title: 請假單
    examples: [幫我請假, 我要請假！]
    fields:
      - {name: deputy, type: person, label: 代理人, optional: true}
    approval:
      - {group: human}
      - {field: deputy}
    on_approved: {http: https://a.example, secret: "${HRIS_SECRET}"}
  box:
    title: 意見箱
    anonymous: true
    fields: [{name: trouble, label: 意見}]
notifications:
  alarm:
    text: 停線
    to: {groups: [plant, hr]}
  closing:
    text: 結帳
    to: {people: [a1, A9]}
"""


def notes_of(company, environment=None):
    report = check_company(company, environment or {"HRIS_SECRET": "s"})
    assert report.faults == ()
    return [str(note).removeprefix("windows/hr.yaml:") for note in report.notes]


def test_what_nobody_can_do_or_hear_of_is_remarked(company, write):
    """Each with its line: a form nobody may hand in, groups nobody is in, an employee number nobody has."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + WITH_MODES)
    write("people.csv", PEOPLE)
    assert notes_of(company) == [
        "9: lookups.balance: nobody may use it: nobody in people.csv is in employees",
        "11: forms.leave: nobody may hand it in: nobody in people.csv is in employees",
        "13: forms.leave.examples: 我要請假！ is an example of lookups.balance too",
        "17: forms.leave.approval.group: nobody in people.csv is in human; its groups are hr, managers",
        "18: forms.leave.approval.field: deputy may be left empty, and then nobody is asked; leave out  optional",
        "22: forms.box.anonymous: is for customers, whom this window does not serve",
        "27: notifications.alarm.to.groups: nobody in people.csv is in plant; its groups are hr, managers",
        "30: notifications.closing.to.people: nobody in people.csv has the employee number A9",
    ]


def test_without_people_nothing_is_said_of_who_could_do_what(company, write):
    """Where there is no people.csv, only what the file itself shows is remarked."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + WITH_MODES)
    assert [note.split(":")[0] for note in notes_of(company)] == ["13", "22"]


def test_a_form_for_a_group_within_the_window_needs_somebody_in_both(company, write):
    """Whoever is in the form's group but may not use the window cannot hand it in."""
    write("d/a.md")
    form = "forms:\n  raise:\n    title: 調薪單\n    serves: [managers]\n    fields: [{name: a, label: a}]\n"
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge: [{path: ../d/*.md}]\n" + form)
    write("people.csv", PEOPLE + "b,A2,,A1,employees\n")
    said = "nobody may hand it in: nobody in people.csv is in managers and also in employees"
    assert notes_of(company) == [f"8: forms.raise: {said}"]
    write("people.csv", PEOPLE + "b,A2,,A1,employees;managers\n")
    assert notes_of(company) == []


MISSPELT = """\
name: hr
department: 人
title: 人資
serves: [employes, custmers]
contact: 人資部
knowledge:
  - {path: ../d/*.md, audience: [manager]}
contributors: [mangers]
lookups:
  balance: {sql: leave_balance.sql, serves: [employees, emplyees]}
forms:
  leave:
    title: 請假單
    fields: [{name: a, label: a}]
    approval: [{group: hrs}]
notifications:
  alarm: {text: 停線, to: {groups: [managerz]}}
channels:
  slack: [{channel: "#a", groups: [employee]}]
"""


def test_a_slip_in_a_groups_name_is_a_fault(company, write):
    """Where people.csv has one that is nearly the same; the line and the likely one are told, once."""
    write("d/a.md")
    write("windows/hr.yaml", MISSPELT)
    write("people.csv", PEOPLE + "b,A2,,A1,employees\n")
    report = check_company(company)
    said = [str(fault).removeprefix("windows/hr.yaml:") for fault in report.faults]
    nobody = "nobody in people.csv is in"
    assert said == [
        f"4: serves: {nobody} employes; did you mean employees?",
        f"4: serves: {nobody} custmers; did you mean customers?",
        f"7: knowledge.audience: {nobody} manager; did you mean managers?",
        f"8: contributors: {nobody} mangers; did you mean managers?",
        f"10: lookups.balance.serves: {nobody} emplyees; did you mean employees?",
        f"15: forms.leave.approval.group: {nobody} hrs; did you mean hr?",
        f"17: notifications.alarm.to.groups: {nobody} managerz; did you mean managers?",
        f"19: channels.slack.groups: {nobody} employee; did you mean employees?",
    ]
    assert not [note for note in report.notes if "did you mean" in note.trouble]


def test_a_slip_is_none_where_nobody_can_know(company, write):
    """Without people.csv, or with one whose lines are wrong, no group is a fault; with lines at all it is remarked."""
    write("d/a.md")
    write("windows/hr.yaml", MISSPELT)
    assert check_company(company).faults == ()
    write("people.csv", PEOPLE + "b,A2,,A9,employees\n")
    report = check_company(company)
    assert [str(fault) for fault in report.faults] == [
        "people.csv:3: manager: nobody here has the employee number A9; write the manager's, or nothing"
    ]
    assert any("did you mean hr?" in note.trouble for note in report.notes)


@pytest.mark.parametrize("group", ["team-b", "shift2", "customers", "plant", "it"])
def test_a_group_of_its_own_is_no_slip(company, write, group):
    """Nobody may be in it yet: only what differs like a slip of the pen is one."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD.replace("[", f"[{group}, ") + "contact: a\nknowledge: [{path: ../d/*.md}]\n")
    write("people.csv", PEOPLE.replace("managers", "team-a;shift1;customer-care;employees"))
    assert check_company(company).faults == ()


def test_the_tables_are_looked_at_too(company, write):
    """What the next sync would say of data/, with file and line; no value of a row is told."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge: [{path: ../d/*.md}]\n")
    write("data/balances.csv", "employee_number,days\nA1,14\n")
    assert check_company(company).faults == ()
    write("data/balances.csv", "employee_number,days\nA1,14,王小明\n")
    write("data/餘額.csv", "a\n1\n")
    assert [str(fault).partition(",")[0] for fault in check_company(company).faults] == [
        "data/balances.csv:2: has 3 cells",
        "data/餘額.csv: the file's name must be lower-case letters",
    ]


def test_a_secret_that_is_not_set_is_remarked(company, write):
    """The window works, but its calls cannot be made; no note holds a secret."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + WITH_MODES)
    notes = notes_of(company, {"OTHER": "x"})
    assert notes[1].startswith("19: forms.leave.on_approved.secret: not connected: HRIS_SECRET is not set")


def test_the_data_sources_are_looked_at_too(company, write):
    """Faults and notes of company.yaml stand beside those of the windows."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge: [{path: ../d/*.md}]\n")
    write("company.yaml", "name: A\nsources:\n  hris: {url: '${HRIS_URL}'}\n  erp: {url: 'postgresql://x'}\n")
    report = check_company(company)
    assert [str(fault).partition(";")[0] for fault in report.faults] == [
        "company.yaml:4: sources.erp.url: is written out here"
    ]
    assert [str(note).partition(":  ")[0].partition(" is not set")[0] for note in report.notes] == [
        "company.yaml:3: sources.hris: not connected: HRIS_URL"
    ]


def test_a_pattern_without_files_is_a_note_with_its_line(company, write):
    """A typing mistake in a path is seen, but stops nothing."""
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge:\n  - {path: ../d/*.md}\n")
    report = check_company(company)
    assert report.faults == ()
    assert [str(note) for note in report.notes] == [
        "windows/hr.yaml:7: knowledge: ../d/*.md matches no file; a path starts at the folder of the window file"
    ]


def test_a_folder_as_path_is_told_how_to_write_it(company, write):
    """Someone who names the folder means the files in it."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge:\n  - {path: ../d/}\n")
    (note,) = check_company(company).notes
    assert str(note).endswith("../d/ is a folder; to read all files in it write  ../d/**/*")


def test_a_window_without_contact_or_knowledge_is_remarked(company, write):
    """It loads, but can neither answer nor say whom to ask."""
    write("windows/hr.yaml", HEAD)
    assert [note.trouble.split(":")[0] for note in check_company(company).notes] == ["knowledge", "contact"]


def test_the_accounts_are_looked_at_too(company, write):
    """Faults and notes of channels.yaml stand beside those of the windows; a variable that is set connects."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge:\n  - {path: ../d/*.md}\n")
    write("channels.yaml", 'api:\n  erp: {token: "${ERP_TOKEN}", windows: [hr], groups: [employees]}\nlime: {}\n')
    report = check_company(company)
    assert [str(fault) for fault in report.faults] == [
        "channels.yaml:3: lime: is not a key of channels.yaml; did you mean line?"
    ]
    said = "api.erp: not connected: ERP_TOKEN is not set; to connect it, set it in the environment or .env"
    assert [str(note) for note in report.notes] == [f"channels.yaml:2: {said}"]
    assert check_company(company, {"ERP_TOKEN": "t" * 32}).notes == ()


def test_the_sample_company_needs_no_token():
    """It has nothing wrong, and one note for each account or system that could be connected."""
    report = check_company(SAMPLE)
    assert report.faults == ()
    places = [note.trouble.partition(": not connected")[0] for note in report.notes if "not connected" in note.trouble]
    assert places[-3:] == ["line.a-company-shop", "line.a-company-staff", "slack.a-company"]
    assert len(places) == len(report.notes)


def test_a_conflict_of_audiences_is_a_fault_of_that_window_alone(company, write):
    """The file is named; other windows are still looked at."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + "knowledge:\n  - {path: ../d/*}\n  - {path: ../d/a.md, audience: [hr]}\n")
    write("windows/it.yaml", HEAD.replace("hr", "it") + "contact: IT\nknowledge:\n  - {path: ../d/*}\n")
    report = check_company(company)
    assert [str(fault).split(" is given")[0] for fault in report.faults] == ["windows/hr.yaml: knowledge: d/a.md"]
    assert report.notes == ()
