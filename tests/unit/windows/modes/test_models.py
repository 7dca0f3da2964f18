"""What a look-up, form or notification cannot be by itself is told with its line and how to write it."""

# ruff: noqa: E501  a line of the tables is one mistake and what is told of it

import pytest

from bots.windows.load import load_company

GOOD = """\
name: hr
department: 人
title: 人資
serves: [employees]
lookups:
  balance:
    sql: leave_balance.sql
    page: 8
    slots: [{name: kind, label: 假別}]
    columns: {kind: 假別}
  orders:
    http:
      url: https://erp.a-company.example/orders
      timeout_s: 5
forms:
  leave:
    title: {zh-TW: 請假單, en: Leave}
    fields:
      - {name: kind, type: choice, label: 假別, choices: [特休, 事假]}
      - name: starts
        type: datetime
        label: 開始
      - {name: ends, type: datetime, label: 結束, after: starts}
      - {name: amount, type: money, label: 金額, min: 1, max: 9}
      - {name: note, label: 說明, longest: 100, pattern: "[a-z]+"}
      - {name: deputy, type: person, label: 代理人}
    computed: {days: "days(starts, ends)"}
    checks: [{when: "days > 3", say: 太多。}]
    approval:
      - manager
      - {group: hr}
      - {together: [manager, {group: hr}], need: any}
    due_hours: 24
    escalate: {group: hr}
    tell: [{field: deputy}]
    on_approved: {http: https://hris.a-company.example/leaves}
notifications:
  clock_in:
    schedule: "50 8 * * 1-5"
    to: {groups: [employees]}
    text: 打卡。
    actions: [已打卡, {label: 請假, form: leave}]
    quiet: "22:00-08:00"
    remind_hours: 1
    optional: true
"""


@pytest.fixture
def told(company, write):
    """Return the faults of the window file with something else written in it, without the file's name."""

    def _told(written: str, instead: str) -> list[str]:
        assert written in GOOD
        write("windows/hr.yaml", GOOD.replace(written, instead, 1))
        return [str(fault).removeprefix("windows/hr.yaml:") for fault in load_company(company).faults]

    return _told


def test_the_window_is_right(told):
    """Every fault below comes from the one thing that is changed."""
    assert told("name: hr", "name: hr") == []


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        # names and keys
        ("balance:\n", "leave-balance:\n", '6: lookups.leave-balance: is "leave-balance", but must be lower-case letters, digits and _, starting with a letter (for example leave_balance); write it like  lookups: {'),
        ("leave:\n", "請假:\n", '16: forms.請假: is "請假", but must be lower-case letters, digits and _'),
        ("page: 8", "pages: 8", "8: lookups.balance.pages: is not a key of a window file; did you mean page?"),
        ("timeout_s: 5", "timeout: 5", "14: lookups.orders.http.timeout: is not a key of a window file; did you mean timeout_s?"),
        ("label: 開始", "lable: 開始", "20: forms.leave.fields.label: is missing; write it like  label: 事由"),
        ("say: 太多。", "says: 太多。", "28: forms.leave.checks.say: is missing; write it like  say: "),
        ("- {group: hr}", "- {groop: hr}", "31: forms.leave.approval.groop: is not a key of a window file; did you mean group?"),
        ("need: any", "needs: any", "32: forms.leave.approval.needs: is not a key of a window file; did you mean need?"),
        ("form: leave", "from: leave", "42: notifications.clock_in.actions.from: is not a key of a window file; did you mean form?"),
        # values
        ("page: 8", "page: 0", "8: lookups.balance.page: must be 1 or more; write it like  page: 8"),
        ("page: 8", "page: 21", "8: lookups.balance.page: must be 20 or less"),
        ("page: 8", "page: many", "8: lookups.balance.page: must be a whole number"),
        ("timeout_s: 5", "timeout_s: 0", "14: lookups.orders.http.timeout_s: must be more than 0; write it like  timeout_s: 5"),
        ("timeout_s: 5", "timeout_s: soon", "14: lookups.orders.http.timeout_s: must be a number"),
        ("due_hours: 24", "due_hours: .inf", "33: forms.leave.due_hours: must be 1440 or less"),
        ("type: money", "type: cash", '24: forms.leave.fields.type: is "cash", but must be one of text, number, money, choice'),
        ("need: any", "need: some", '32: forms.leave.approval.need: is "some", but must be one of all, any; write it like  - {together'),
        ("en: Leave", "fr: Congé", '17: forms.leave.title.fr: has the language "fr", but the languages are zh-TW and en'),
        ("label: 代理人", "label: {fr: a}", '26: forms.leave.fields.label.fr: has the language "fr"'),
        ("[特休, 事假]", "[特休, 1]", "19: forms.leave.fields.choices: must be a text (a number or yes/no needs quotes)"),
        ("[特休, 事假]", "特休", "19: forms.leave.fields.choices: must be a list; write it like  choices: [特休, 事假, 病假]"),
        ("longest: 100", "longest: 3000", "25: forms.leave.fields.longest: must be 2000 or less"),
        ('"[a-z]+"', '"[a-z"', "25: forms.leave.fields.pattern: is no regular expression"),
        ("- manager", "- manger", '30: forms.leave.approval: is "manger", but an approver is manager, {group: NAME} or {field: NAME}; write it like  - manager'),
        ("escalate: {group: hr}", "escalate: hr", '34: forms.leave.escalate: is "hr", but an approver is manager, {group: NAME}'),
        ("escalate: {group: hr}", "escalate: {group: HR}", '34: forms.leave.escalate.group: is "HR", but must be lower-case letters, digits, - and _, starting with a letter (for example hr); write it like  {group: hr}'),
        ("tell: [{field: deputy}]", "tell: {field: deputy}", "35: forms.leave.tell: must be a list; write it like  tell: [{group: hr}]"),
        ('"50 8 * * 1-5"', '"50 25 * * 1-5"', "39: notifications.clock_in.schedule: must be five fields of cron: minute hour day month weekday"),
        ('"50 8 * * 1-5"', '"@daily"', "39: notifications.clock_in.schedule: must be five fields of cron"),
        ('"50 8 * * 1-5"', '"0 50 8 * * 1-5"', "39: notifications.clock_in.schedule: must be five fields of cron"),
        ('"50 8 * * 1-5"', '"0 0 30 2 *"', "39: notifications.clock_in.schedule: is a time that never comes"),
        ('"22:00-08:00"', '"22-8"', "43: notifications.clock_in.quiet: must be two times of day with - between them; write it like  quiet: "),
        ('"22:00-08:00"', '"08:00-08:00"', "43: notifications.clock_in.quiet: begins when it ends"),
        ("optional: true", "optional: maybe", '45: notifications.clock_in.optional: is "maybe", but must be true or false'),
        ("optional: true", "workdays: maybe", '45: notifications.clock_in.workdays: is "maybe", but must be true or false; write it like  workdays: true'),
        ("text: 打卡。", "text:", "41: notifications.clock_in.text: has no value; write it like  text: "),
        ("  clock_in:\n", "  other:\n  clock_in:\n", "38: notifications.other: has no value"),
        # what does not go together
        ("sql: leave_balance.sql", "sql: a.sql\n    http: {url: https://a.example}", "6: lookups.balance: needs either sql or http"),
        ("[{name: kind, label: 假別}]", "[{name: kind, label: 假別}, {name: kind, label: b}]", "9: lookups.balance.slots.name: kind is taken by a field above"),
        ("[{name: kind, label: 假別}]", "[{name: kind, label: 假別, type: file}]", "9: lookups.balance.slots.type: nothing can be looked up by a file"),
        ("name: note", "name: amount", "25: forms.leave.fields.name: amount is taken by a field above; give each its own"),
        ("name: note", "name: today", "25: forms.leave.fields.name: today has a meaning of its own; choose another, such as  today_value"),
        ("name: note", "name: from", "25: forms.leave.fields.name: from has a meaning of its own"),
        ("after: starts", "after: start", "23: forms.leave.fields.after: there is no field start; did you mean starts?"),
        ("after: starts", "after: ends", "23: forms.leave.fields.after: is the field itself"),
        ("after: starts", "before: amount", "23: forms.leave.fields.before: amount is of type money and this of type datetime; they cannot be compared"),
        ("max: 9", "max: 0", "24: forms.leave.fields.max: is less than min"),
        ("longest: 100", "min: 1", "25: forms.leave.fields.min: only a number or money has one; write  type: number  beside it"),
        ("label: 說明", "label: 說明, choices: [a]", "25: forms.leave.fields.choices: only a choice has them; write  type: choice  beside it"),
        (", choices: [特休, 事假]", "", "19: forms.leave.fields.choices: is missing; a choice needs choices or choices_from"),
        ("[特休, 事假]", "[特休, 特休]", "19: forms.leave.fields.choices: 特休 is there twice"),
        ("[特休, 事假]", "[特休], choices_from: balance", "19: forms.leave.fields.choices_from: choices are there too"),
        ("computed: {days", "computed: {amount", "27: forms.leave.computed.amount: is the name of a field"),
        ("tell: [{field: deputy}]", "tell: [{field: dupty}]", "35: forms.leave.tell.field: there is no field dupty; did you mean deputy?"),
        ("- {group: hr}", "- {group: hr, field: deputy}", "31: forms.leave.approval: needs exactly one of manager, group, field"),
        ("    to: {groups: [employees]}\n", "", "38: notifications.clock_in.to: is missing; a schedule has to know whom to tell; write it like  to: {groups"),
        ("{groups: [employees]}", "{groups: [employees], sql: not_clocked_in.sql}", "40: notifications.clock_in.to: needs exactly one of groups, people, sql"),
        ('schedule: "50 8 * * 1-5"', "workdays: true", "39: notifications.clock_in.workdays: without a schedule nothing is passed over"),
        ("optional: true", "workdays: true", "45: notifications.clock_in.workdays: the schedule names Monday to Friday, which leaves out a Saturday"),
        ("    actions: [已打卡, {label: 請假, form: leave}]\n", "", "43: notifications.clock_in.remind_hours: without actions nobody can answer"),
        ("[已打卡, {label", "[已打卡, 已打卡, {label", "42: notifications.clock_in.actions: 已打卡 is the answer of an action above"),
        ("{label: 請假, form: leave}", "{label: 請假}", "42: notifications.clock_in.actions: needs exactly one of value, form, lookup"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_line(told, written, instead, said):
    """The line of the key, what is wrong, and how it is written."""
    faults = told(written, instead)
    assert any(fault.startswith(said) for fault in faults)
    assert len(faults) <= 2  # the other one is of a name that is missing elsewhere now


def test_several_things_wrong_with_one_field_are_told_at_once(told):
    """One round of correction is enough."""
    faults = told("max: 9}", "max: 0, pattern: x, after: starts}")
    assert [fault.split(": ")[1] for fault in faults] == ["forms.leave.fields.pattern", "forms.leave.fields.max"]
