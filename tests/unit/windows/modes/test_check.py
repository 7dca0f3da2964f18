"""What refers to what in a window file is there, or the fault names the line, what is wrong, and what is meant."""

# ruff: noqa: E501  a line of the tables is one mistake and what is told of it

import pytest

from bots.windows.load import load_company

GOOD = """\
name: hr
department: 人
title: 人資
serves: [employees, managers]
lookups:
  leave_balance:
    sql: leave_balance.sql
    source: company
    slots:
      - {name: kind, type: choice, label: 假別, choices_from: kinds}
      - {name: since, type: date, label: 起, optional: true}
    reply: 還有 {remaining} 天。
    forms: [leave]
  kinds: {sql: kinds.sql}
  profile: {sql: profile.sql}
  orders:
    slots: [{name: order_no, label: 訂單}]
    http:
      url: https://erp.a-company.example/orders/{order_no}?by={person}
      headers: {X-Api-Key: "${ERP_KEY}", Accept-Language: zh-TW}
forms:
  leave:
    title: 請假單
    serves: [employees]
    fields:
      - {name: kind, type: choice, label: 假別, choices_from: kinds}
      - {name: starts, type: datetime, label: 開始, default: 明天}
      - {name: ends, type: datetime, label: 結束, after: starts}
      - {name: deputy, type: person, label: 代理人}
      - {name: phone, label: 電話, default: "{phone}", defaults_from: profile}
      - {name: place, type: choice, label: 地點, choices: [台北, 高雄], default: 台北}
    computed:
      days: workdays(starts, ends)
      cost: days * 100
    checks:
      - {when: "days > 30", say: "{days} 天太多。"}
    summary: "{kind} {days} 天"
    approval:
      - manager
      - {group: hr, when: "days > 3"}
      - {together: [{field: deputy}, {group: managers, when: "cost > 9"}]}
    escalate: {group: hr}
    tell: [{field: deputy}]
    on_approved: {http: https://hris.a-company.example/leaves, secret: "${HRIS_SECRET}"}
    note: 共 {days} 天。
notifications:
  clock_in:
    schedule: "50 8 * * 1-5"
    to: not_clocked_in.sql
    text: "{name}，打卡。{shift}"
    actions: [{label: 請假, form: leave}, {label: 特休, lookup: leave_balance}]
  closing:
    schedule: "0 9 25 * *"
    to: {groups: [employees]}
    text: "{name}，今天 {today} 結帳。"
  alarm: {text: "{line} 停線"}
"""

SQL = {
    "leave_balance": "select 1 as remaining -- :nobody\nwhere :person = 'x:y' and :kind::text = '' and :since > '9:59'",
    "kinds": "select 'a'",
    "profile": "select phone from company.people where number = :person",
}


@pytest.fixture
def told(company, write):
    """Return the faults of the window file with something else written in it, without the file's name."""
    for name, text in SQL.items():
        write(f"lookups/{name}.sql", text)

    def _told(*changes: tuple[str, str]) -> list[str]:
        text = GOOD
        for written, instead in changes:
            assert written in text
            text = text.replace(written, instead, 1)
        write("windows/hr.yaml", text)
        return [str(fault).removeprefix("windows/hr.yaml:") for fault in load_company(company).faults]

    return _told


def test_a_window_whose_parts_fit_has_no_fault(told):
    """Names, files, conditions and texts that are there are right."""
    assert told() == []


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        # what is in the file
        ("forms: [leave]", "forms: [leaf]", "13: lookups.leave_balance.forms: this window has no form leaf; did you mean leave?"),
        ("choices_from: kinds}\n      - {name: since", "choices_from: kind}\n      - {name: since", "10: lookups.leave_balance.slots.choices_from: this window has no look-up kind; did you mean kinds?"),
        ("假別, choices_from: kinds}\n      - {name: starts", "假別, choices_from: rooms}\n      - {name: starts", "26: forms.leave.fields.choices_from: this window has no look-up rooms; its look-ups are leave_balance, kinds, profile, orders"),
        ("defaults_from: profile", "defaults_from: profil", "30: forms.leave.fields.defaults_from: this window has no look-up profil; did you mean profile?"),
        ("defaults_from: profile", "defaults_from: orders", "30: forms.leave.fields.defaults_from: orders asks for order_no, which nobody has said here"),
        ("假別, choices_from: kinds}\n      - {name: starts", "假別, choices_from: orders}\n      - {name: starts", "26: forms.leave.fields.choices_from: orders asks for order_no, which nobody has said here"),
        ("form: leave}", "form: leaves}", "51: notifications.clock_in.actions.form: this window has no form leaves; did you mean leave?"),
        ("lookup: leave_balance}", "lookup: balance}", "51: notifications.clock_in.actions.lookup: this window has no look-up balance; did you mean leave_balance?"),
        ("kinds: {sql: kinds.sql}", "kinds: {sql: kinds.sql, slots: [{name: a, type: choice, label: a, optional: true, choices_from: kinds}]}", "14: lookups.kinds.slots: goes round in a circle"),
        # files beside it
        ("sql: kinds.sql", "sql: kind.sql", "14: lookups.kinds.sql: there is no file lookups/kind.sql; did you mean kinds.sql?"),
        ("sql: kinds.sql", "sql: ../kinds.sql", "14: lookups.kinds.sql: lookups/../kinds.sql: must be a .sql file in the company's folder lookups/"),
        ("sql: kinds.sql", "sql: /etc/passwd", "14: lookups.kinds.sql: lookups//etc/passwd: must be a .sql file"),
        ("name: since", "name: from_day", "7: lookups.leave_balance.sql: lookups/leave_balance.sql names :since; it needs a slot of that name; there are :kind, :from_day, :person"),
        ("name: since", "name: sinse", "7: lookups.leave_balance.sql: lookups/leave_balance.sql names :since; did you mean :sinse?"),
        ("to: not_clocked_in.sql", "to: {sql: profile.sql}", "49: notifications.clock_in.to.sql: lookups/profile.sql names :person; nobody asks here"),
        ("to: not_clocked_in.sql", "to: profile.sql", "49: notifications.clock_in.to: lookups/profile.sql names :person; nobody asks here"),
        ("source: company", "source: hris", "8: lookups.leave_balance.source: company.yaml has no source hris; its sources are company"),
        # addresses and secrets
        ("https://erp.a-company", "ftp://erp.a-company", "19: lookups.orders.http.url: must begin with https:// or http://"),
        ("https://erp.a-company.example/", "https://{person}.example/", "19: lookups.orders.http.url: must begin with https:// or http:// and a host's name; a {slot} stands behind the host"),
        ("https://erp", "https://user:pw@erp", "19: lookups.orders.http.url: must not carry a name or password"),
        ("{order_no}?", "{order}?", "19: lookups.orders.http.url: there is no slot order; did you mean order_no?"),
        ('"${ERP_KEY}"', "0123456789abcdef", "20: lookups.orders.http.headers.X-Api-Key: is written out here; put it into an environment variable or .env"),
        ('"${ERP_KEY}"', '"Bearer ${ERP_KEY}"', "20: lookups.orders.http.headers.X-Api-Key: is written out here"),
        ('"${ERP_KEY}"', '"${TRANSOM_SECRET_KEY}"', "20: lookups.orders.http.headers.X-Api-Key: refers to TRANSOM_SECRET_KEY, which is a setting of Transom"),
        ("Accept-Language: zh-TW", '"Accept Language": zh-TW', "20: lookups.orders.http.headers.Accept Language: is no name of a header"),
        ("Accept-Language: zh-TW", 'Accept-Language: "zh\\r\\nX-Evil: 1"', "20: lookups.orders.http.headers.Accept-Language: must be one line"),
        ('secret: "${HRIS_SECRET}"', "secret: 0123456789abcdefg", "44: forms.leave.on_approved.secret: is written out here"),
        ("https://hris.a-company.example/leaves", "hris.a-company.example", "44: forms.leave.on_approved.http: must begin with https://"),
        ("https://hris.a-company.example/leaves", '"https://hris.a-company.example/leaves/{kind}"', "44: forms.leave.on_approved.http: {kind} is not filled in here"),
        # conditions
        ("workdays(starts, ends)", "workdays(start, ends)", "33: forms.leave.computed.days: start is not known here"),
        ("workdays(starts, ends)", "cost / 100", "33: forms.leave.computed.days: cost is not known here"),
        ("workdays(starts, ends)", "__import__('os').system('x')", "33: forms.leave.computed.days: "),
        ("days > 30", "day > 30", "36: forms.leave.checks.when: day is not known here"),
        ("days > 3\"}\n      - {together", "days >\"}\n      - {together", "40: forms.leave.approval.when: \"days >\" is no expression"),
        ("cost > 9", "costs > 9", "41: forms.leave.approval.together.when: costs is not known here"),
        # texts
        ("{days} 天太多", "{day} 天太多", "36: forms.leave.checks.say: {day} is not known here; did you mean days?"),
        ("{kind} {days} 天\"", "{kind.__class__}\"", "37: forms.leave.summary: {kind.__class__} is no name"),
        ("共 {days} 天", "共 {dayz} 天", "45: forms.leave.note: {dayz} is not known here; did you mean days?"),
        ("{remaining} 天", "{remaining:>9} 天", "12: lookups.leave_balance.reply: {remaining:>9} is no name"),
        ("今天 {today}", "今天 {tody}", "55: notifications.closing.text: {tody} is not known here; did you mean today?"),
        ("{line} 停線", "{line 停線", "56: notifications.alarm.text: there is a lone {"),
        ('default: "{phone}", defaults_from: profile', 'default: "{phone}"', "30: forms.leave.fields.default: {phone} is a column of no look-up; write  defaults_from"),
        ('default: "{phone}", defaults_from', "defaults_from", "30: forms.leave.fields.defaults_from: nothing is taken from it"),
        ("default: 台北", "default: 台中", '31: forms.leave.fields.default: "台中" is none of the choices; they are 台北, 高雄'),
        ("default: 明天", "default: 改天再說", '27: forms.leave.fields.default: "改天再說" cannot be filled in: '),
        ("default: 明天", "default: 下午兩點", '27: forms.leave.fields.default: "下午兩點" cannot be filled in: '),
        ('default: "{phone}", defaults_from: profile', "type: file, default: a", "30: forms.leave.fields.default: a file has none"),
        # people
        ("serves: [employees]\n", "serves: [customers]\n", "24: forms.leave.serves: the window does not serve customers"),
        ("title: 請假單", "title: 請假單\n    anonymous: true", "40: forms.leave.approval: a customer has no manager"),
        ("{field: deputy}, {group", "{field: kind}, {group", "41: forms.leave.approval.together.field: kind is no person; write  type: person"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_line(told, written, instead, said):
    """One fault, with the line of the key it is about."""
    faults = told((written, instead))
    assert len(faults) == 1
    assert faults[0].startswith(said)


def test_a_secret_that_is_written_out_is_never_repeated(told):
    """What stands where a reference belongs may be the secret itself."""
    shown = "".join(told(('"${ERP_KEY}"', "s3cr3t-key"), ('"${HRIS_SECRET}"', "s3cr3t-2")))
    assert "written out" in shown
    assert "s3cr3t" not in shown


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select :who", "names :who; it needs a slot"),
        ("select :today", "names :today; in SQL that is  current_date"),
        ("drop table x", "lookups/kinds.sql:1: must begin with select"),
        ("select 1; select 2", "a second statement begins"),
        ("select 'a", "a quotation mark is not closed"),
        ("select '，'".encode("cp950"), "is not UTF-8"),
    ],
)
def test_a_sql_file_that_cannot_be_used_is_told_where_it_is_named(told, write, sql, said):
    """The fault has the line of the window file, and what is wrong in the other one."""
    write("lookups/kinds.sql", sql)
    (fault,) = told()
    assert fault.startswith("14: lookups.kinds.sql: ")
    assert said in fault


def test_sources_of_the_company_are_known(told, write):
    """A source counts as soon as company.yaml names it; a company.yaml that is wrong is no fault of the window."""
    write("company.yaml", "name: A\nsources: {hris: {url: '${HRIS_URL}'}}\n")
    assert told(("source: company", "source: hris")) == []
    assert told(("source: company", "source: hri"))[0].endswith("company.yaml has no source hri; did you mean hris?")
    write("company.yaml", "sources: [")
    assert told(("source: company", "source: hris")) == []


def test_a_window_of_customers_alone_has_nothing_for_people_we_know(told):
    """What needs to know who it is could be used by nobody there."""
    faults = told(
        ("serves: [employees, managers]", "serves: [customers]"),
        ("    serves: [employees]\n", ""),
        ("kinds: {sql: kinds.sql}", "kinds: {sql: kinds.sql, about_person: true}"),
    )
    starts = [fault.partition(", but serves only customers")[0] for fault in faults]
    assert starts == [
        "6: lookups.leave_balance: needs to know who asks",
        "14: lookups.kinds: needs to know who asks",
        "15: lookups.profile: needs to know who asks",
        "16: lookups.orders: needs to know who asks",
        "22: forms.leave: is for people we know",
    ]


def test_an_anonymous_form_asks_no_look_up_about_the_person(told):
    """Nobody knows who hands it in."""
    faults = told(
        ("title: 請假單", "title: 請假單\n    anonymous: true"),
        ("      - manager\n", ""),
        ("name: kind, type: choice, label: 假別, choices_from: kinds}\n      - {name: starts",
         "name: kind, type: choice, label: 假別, choices_from: profile}\n      - {name: starts"),
    )  # fmt: skip
    assert [fault.partition(" needs to know")[0] for fault in faults] == [
        "27: forms.leave.fields.choices_from: profile",
        "31: forms.leave.fields.defaults_from: profile",
    ]


def test_one_broken_part_hides_no_fault_of_another(told):
    """Everything is told in one round, in the order of the file, and a part that cannot be read is still known by name."""
    faults = told(
        ("sql: kinds.sql", "sql: kind.sql"),
        ("title: 請假單", "titel: 請假單"),
        ("lookup: leave_balance}", "lookup: nothing}"),
    )
    assert [fault.split(":")[0] for fault in faults] == ["14", "22", "23", "51"]
    assert "did you mean title?" in faults[2]
