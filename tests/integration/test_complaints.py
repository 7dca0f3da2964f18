"""Complaints from the first word to the answer: filed, imported, handed over, looked up; and what nobody sees."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from acceptance.command import Command, write_window
from integration.approving import BOSS, CLERK_OF_HR, FANG, SECOND_OF_HR, ZONE, Company
from integration.talking import SERVED, Talk, line_person

from bots.conversations.answering import Asker
from bots.conversations.approvals.steps import Approvals
from bots.conversations.complaints import importing, store
from bots.conversations.complaints.csv_file import read
from bots.conversations.complaints.filing import Complaints
from bots.conversations.complaints.mode import ComplaintMode
from bots.conversations.handler import Handler
from bots.conversations.lookups.load import load_data
from bots.conversations.lookups.store import read_own
from bots.conversations.modes import Modes
from bots.messages import Place
from bots.windows.modes.sql_file import prepared, read_sql
from bots.windows.sources import OWN, Source
from rag_core.database import Database, ViewerConnection
from rag_core.search.search import Searcher

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "company"
FIELDS = [
    {"name": "theme", "type": "choice", "label": "主題", "choices": ["漏水", "服務態度", "其他"]},
    {"name": "description", "label": "發生什麼事", "longest": 1000},
    {"name": "model", "label": "型號", "optional": True},
    {"name": "contact", "label": "聯絡方式", "optional": True},
]
COMPLAINT: Mapping[str, Any] = {
    "fields": FIELDS,
    "kind": "complaint",
    "anonymous": True,
    "assign": {"group": "hr"},
    "tell": [{"group": "managers", "when": "theme == '漏水'"}],
}
FORMS: Mapping[str, Mapping[str, Any]] = {
    "complaint": COMPLAINT,
    "plain": {"anonymous": True, "assign": {"group": "hr"}},
    "leak": {**COMPLAINT, "assign": {"group": "hr", "when": "theme == '漏水'"}, "tell": [{"group": "hr"}]},
}
IN_ANOTHERS_NAME = """
insert into complaints (reader, source, source_key, channel, at, window_name, text, theme, theme_by, sentiment, score)
values ('line:staff:Ucustomer', 'line', 'x', 'line', now(), 'hr', 'x', '', 'terms', 'neutral', 0)
"""
LEAK = {
    "theme": "漏水",
    "description": "用了兩天就漏水，請打 0912-345-678",
    "model": "DH-16S",
    "contact": "0912-345-678",
}
CUSTOMER = line_person("Ucustomer", "staff")


@dataclass
class Complaining(Company):
    """The company with a complaint form."""

    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: FORMS)

    def _handler(self) -> Handler:
        talk = self.talk
        self.complaints = Complaints(talk.queue, self.windows, ZONE)
        self.approvals = Both(self.approvals, self.complaints)  # type: ignore[assignment]
        ours, theirs = ComplaintMode(talk.database, self.windows).modes(), self.mode.modes()
        modes = Modes(
            taps={**theirs.taps, "file": self._file},
            words=theirs.words,
            in_progress=theirs.in_progress,
            notices={**theirs.notices, **ours.notices},
        )
        asker = Asker(talk.answers, Searcher(talk.database, embedder=None, reranker=None))  # type: ignore[arg-type]
        return Handler(talk.database, self.windows, SERVED, talk.viewers, asker, lambda _: None, "A公司", modes)

    def complain(self, who: Place | str = CUSTOMER, **values: Any) -> int:
        """Hand a complaint in, and do what follows; return the submission's id."""
        place = self.at(who) if isinstance(who, str) else who
        self.tap(place, f"file=complaint/{json.dumps({**LEAK, **values})}")
        return int(self.talk.value("select max(id) from submissions"))

    def case(self, number: str = "HR-COMPLAINT-2026-0001") -> dict[str, Any]:
        """What look-ups see of a complaint, read as their role."""
        with psycopg.connect(self.talk.url, autocommit=True) as connection:
            connection.execute("set role transom_lookup")
            cursor = connection.execute("select * from company.filed_complaints where number = %s", [number])
            row = cursor.fetchone()
            assert row is not None, f"no complaint {number}"
            return dict(zip([column.name for column in cursor.description or ()], row, strict=True))

    def told(self, number: str) -> list[str]:
        """The cards a person was sent, as text."""
        return [f"{card.title}\n{card.text}" for reply in self.heard(number) for card in reply.cards]


@dataclass
class Both:
    """Begins what the lead wires: approvals, then complaints."""

    approvals: Approvals
    complaints: Complaints

    def begin(self, viewer: ViewerConnection, submission: Any, form: Any, window: Any) -> None:
        self.approvals.begin(viewer, submission, form, window)
        self.complaints.filed(viewer, submission, form, window)


@pytest.fixture
def company(talk: Talk) -> Complaining:
    """The company as people use it."""
    return Complaining(talk)


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection]:
    """The owner's connection, as the command has it."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


# --- filed ---


def test_a_customers_complaint_goes_all_the_way(company):
    """Filed on LINE, kept, asked of whoever works on it, taken, answered; and the customer is told the answer."""
    filed = company.complain()
    case = company.case()
    assert (case["source"], case["theme"], case["sentiment"], case["product"]) == ("line", "漏水", "negative", "DH-16S")
    assert (case["state"], case["assigned_to"], case["answer"], case["answered_at"]) == ("open", None, "", None)
    assert company.told(CLERK_OF_HR)
    company.tap(CLERK_OF_HR, f"task={company.task(filed)}/take")
    assert (company.case()["state"], company.case()["assigned_to"]) == ("taken", CLERK_OF_HR)
    company.tap(CLERK_OF_HR, f"task={company.task(filed)}/close")
    company.write(CLERK_OF_HR, "已寄出新機，並收回原機。")
    case = company.case()
    assert (case["state"], case["assigned_to"], case["answer"]) == ("answered", CLERK_OF_HR, "已寄出新機，並收回原機。")
    assert case["answered_at"] is not None
    [outcome] = [one.reply.text for one in company.talk.line.arrived if "已處理完成" in one.reply.text]
    assert "已寄出新機，並收回原機。" in outcome


def test_whom_it_concerns_is_told_at_once_and_nobody_else(company):
    """The form's ``tell``, where its condition holds; not those who are asked to work on it, and each once."""
    company.complain()
    company.complain(theme="服務態度")
    [told] = company.told(BOSS)
    assert "HR-COMPLAINT-2026-0001" in told
    assert "漏水（負面）" in told
    assert "DH-16S" in told
    assert company.told(FANG) == []
    assert not any("與您有關" in reply.text for reply in company.heard(CLERK_OF_HR))
    assert company.notices("complaint") == 1


def test_who_complained_is_nobodys_business_but_theirs_who_work_on_it(company):
    """Neither whom it concerns nor a look-up sees the contact, not even where the customer wrote it into the text."""
    company.complain()
    [told] = company.told(BOSS)
    case = company.case()
    for seen in (told, repr({**case, "at": ""})):
        assert "0912" not in seen
        assert "345-678" not in seen
        assert "Ucustomer" not in seen
        assert "請打 …" in seen
    assert case["phone_last3"] == "678"
    assert any("0912-345-678" in card for card in company.told(CLERK_OF_HR))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打 0912345678 或 (02) 2345-6789", "打 … 或 (…"),
        ("+886 912 345 678 謝謝", "… 謝謝"),
        ("０９１２－３４５－６７８", "…"),
        ("寫到 amy.chen+shop@mail.example.tw 給我", "寫到 … 給我"),
        ("我的 LINE ID: amy_chen88，謝謝", "我的 …，謝謝"),
        ("卡號 4111 1111 1111 1111", "卡號 …"),
        ("訂單 A26111100218，2026-11-20 買的，3990 元", "訂單 A26111100218，2026-11-20 買的，3990 元"),
        ("工單 MO-2611-024 型號 DH-16S", "工單 MO-2611-024 型號 DH-16S"),
    ],
)
def test_what_reaches_somebody_is_taken_out_of_texts(owner, text, shown):
    """Telephone numbers, addresses, names on messengers, cards; order numbers, dates and models stay."""
    assert owner.execute("select without_contact(%s)", [text]).fetchone() == (shown,)


def test_a_complaint_taken_back_concerns_nobody_any_more(company):
    """Withdrawn before it was told: nothing is said; in the list it is closed."""
    company.talk.change("delete from identities where employee_number = %s", BOSS)
    filed = company.complain()
    company.tap(CUSTOMER, f"task=withdraw/{filed}")
    assert company.case()["state"] == "closed"
    company.talk.bind(company.at(BOSS), BOSS)
    company.talk.change("update inbox set state = 'pending', attempt = 0 where event_id like 'notice:complaint:%%'")
    company.talk.work()
    assert company.told(BOSS) == []


def test_who_let_it_go_does_not_work_on_it(company):
    """Somebody took it and then left the group: it is open again, as it is for those who may take it now."""
    filed = company.complain()
    company.tap(SECOND_OF_HR, f"task={company.task(filed)}/take")
    company.talk.change("update people set groups = '{employees}' where employee_number = %s", SECOND_OF_HR)
    assert (company.case()["state"], company.case()["assigned_to"]) == ("open", None)


def test_closing_without_a_word_is_closed_and_not_answered(company):
    """There is nothing to tell."""
    filed = company.complain()
    company.tap(CLERK_OF_HR, f"task={company.task(filed)}/skip")
    assert (company.case()["state"], company.case()["answer"]) == ("closed", "")


def test_a_complaint_that_nobody_is_assigned_to_is_told_and_not_promised(company):
    """Where the condition of ``assign`` does not hold, those who would work on it only hear of it."""
    company.tap(CUSTOMER, f"file=leak/{json.dumps({**LEAK, 'theme': '其他'})}")
    [told] = [card for card in company.told(CLERK_OF_HR) if "漏水" in card]
    assert "已交由" not in told
    assert company.talk.rows("select state from submissions") == [("done",)]
    company.tap(CUSTOMER, f"file=leak/{json.dumps(LEAK)}")
    assert "我來處理" in [choice.label for choice in company.heard(CLERK_OF_HR)[-1].cards[0].choices]


def test_other_forms_are_no_complaints(company):
    """Only ``kind: complaint`` is."""
    company.hand_in("plain", CUSTOMER)
    assert company.talk.rows("select 1 from complaints") == []


def test_no_complaint_without_its_submission(company):
    """Both are written down in one transaction: where it fails, neither is there."""
    company.talk.change("alter table complaints add check (text <> 'x')")
    with pytest.raises(psycopg.errors.CheckViolation):
        company.tap(CUSTOMER, f"file=complaint/{json.dumps({**LEAK, 'description': 'x'})}")
    assert company.talk.rows("select 1 from submissions") == []
    assert company.talk.rows("select 1 from complaints") == []


def test_a_complaint_is_read_by_its_customer_and_those_it_concerns(company):
    """Row-level security: others see no row of it, whatever they ask; nor can anybody file in another's name."""
    filed = company.complain()
    database: Database = company.talk.database
    for reader, sees in {
        "line:staff:Ucustomer": 1,
        f"person:{CLERK_OF_HR}": 1,
        f"person:{BOSS}": 1,
        f"person:{FANG}": 0,
        "line:staff:Uother": 0,
        "": 0,
    }.items():
        with database.viewer(frozenset({"employees", "customers"}), reader) as viewer:
            found = viewer.connection.execute("select count(*) from complaints").fetchone()
            assert (reader, found) == (reader, (sees,))
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        database.viewer(frozenset(), "line:staff:Uother") as viewer,
    ):
        viewer.connection.execute(IN_ANOTHERS_NAME)
    with database.application() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select 1 from company.filed_complaints")
    assert filed


# --- imported ---


def imported(owner: psycopg.Connection, window: Any, text: str, file: str = "reviews.csv") -> importing.Imported:
    found = read(text.encode(), NOW, ZONE)
    assert found.faults == ()
    return importing.bring_in(owner, window, importing.complaints_of(found.rows, file, window, NOW))


def seen(owner: psycopg.Connection, **only: Any) -> Sequence[store.Complaint]:
    return store.listed(owner, **only)


REVIEWS = """id,date,text,stars,product,source
1,2026-11-20,才用兩天就漏水,1,DH-16S,Google
2,2026-11-21,客服沒人接,,,Google
3,2026-11-22,很安靜，推薦,5,AP-20,Shopee
4,2026-11-23,贈品沒有給我,2,,Google
5,2026-11-24,說好的贈品呢？,2,,Google
"""


def test_reviews_come_in_once_grouped_by_theme_and_feeling(owner, company):
    """The form's themes by their words, else a word they share; stars before words. A second time nothing is new."""
    window = company.windows[0]
    first = imported(owner, window, REVIEWS)
    assert (first.new, first.known) == (5, 0)
    found = {one.text: (one.theme, one.sentiment, one.state) for one in seen(owner)}
    assert found == {
        "才用兩天就漏水": ("漏水", "negative", "open"),
        "客服沒人接": ("服務態度", "negative", "open"),
        "很安靜，推薦": ("", "positive", "open"),
        "贈品沒有給我": ("贈品", "negative", "open"),
        "說好的贈品呢？": ("贈品", "negative", "open"),
    }
    again = imported(owner, window, REVIEWS + "6,2026-11-25,贈品壞了,1,,Google\n", "later.csv")
    assert (again.new, again.known, len(again.negative)) == (1, 5, 1)
    assert [one.theme for one in seen(owner, limit=1)] == ["贈品"]
    assert {one.source for one in seen(owner)} == {"import:reviews.csv", "import:later.csv"}


def test_what_people_chose_teaches_what_follows(owner, company):
    """Earlier complaints whose theme somebody chose draw the like of them."""
    window = company.windows[0]
    rows = "\n".join(f"包裝盒子整個都爛掉了 {number},包裝" for number in range(4))
    imported(owner, window, f"text,theme\n{rows}\n")
    imported(owner, window, "text\n盒子整個爛掉\n")
    assert {one.theme for one in seen(owner)} == {"包裝"}


def test_an_answer_in_the_file_is_an_answer(owner, company):
    """What was answered on the other platform is not open here."""
    imported(owner, company.windows[0], "text,reply\n壞了,已換新，請洽 02-2345-6789\n")
    [one] = seen(owner)
    assert (one.state, one.answer) == ("answered", "已換新，請洽 …")


def test_hostile_rows_are_kept_as_text(owner, company):
    """Formulas, HTML, SQL and templates are words like others, in the list and in what people are told."""
    hostile = [
        "=cmd|'/c calc'!A1",
        "<script>alert(1)</script>",
        "'); drop table complaints;--",
        "{number} {0} %s",
        "漏" * 9_999,
    ]
    text = "text\n" + "".join(f'"{one}"\n' for one in hostile)
    assert imported(owner, company.windows[0], text).new == 5
    assert {one.text for one in seen(owner)} == set(hostile)


def test_an_imported_complaint_is_handed_over_answered_and_told_once(owner, company):
    """Whom the form says is asked to work on it, as on any other; handing it over again does nothing."""
    window = company.windows[0]
    with psycopg.connect(company.talk.url, autocommit=True) as real:
        [negative, *_] = imported(real, window, REVIEWS).negative
        reader, _ = store.reader_of(real, negative) or ("", "")
        number = hand_over(company, reader, negative)
        assert number == "HR-COMPLAINT-2026-0001"
        assert hand_over(company, reader, negative) is None
        company.talk.work()
        assert any(number in card for card in company.told(CLERK_OF_HR))
        assert any(number in card for card in company.told(BOSS))
        assert not store.close(real, negative, "elsewhere")  # it is somebody's task now
        task = company.task(company.talk.value("select id from submissions"))
        company.tap(CLERK_OF_HR, f"task={task}/close")
        company.write(CLERK_OF_HR, "已私訊致歉")
        [one] = [one for one in seen(real) if one.id == negative]
    assert (one.number, one.state, one.answer, one.assigned_to) == (number, "answered", "已私訊致歉", CLERK_OF_HR)


def test_whoever_hands_an_imported_complaint_over_has_decided_that_it_is_worked_on(owner, company):
    """Whatever the condition of ``assign`` says of it."""
    window = company.windows[0]
    with psycopg.connect(company.talk.url, autocommit=True) as real:
        imported(real, window, "text\n盒子整個爛掉，客服態度很差\n")
        [complaint] = [one.id for one in seen(real)]
        reader, _ = store.reader_of(real, complaint) or ("", "")
    assert hand_over(company, reader, complaint, "leak") == "HR-LEAK-2026-0001"
    company.talk.work()
    assert company.talk.rows("select s.state, t.kind from submissions s join approval_tasks t on t.submission = s.id"
                             " where t.kind = 'work'") == [("open", "work")]  # fmt: skip


def hand_over(company: Complaining, reader: str, complaint: int, form: str = "complaint") -> str | None:
    with company.talk.database.viewer(frozenset(), reader) as viewer:
        kept = store.kept(viewer, complaint)
        assert kept is not None
        if kept.submission is not None:
            return None
        return company.complaints.hand_over(viewer, kept, form).number


# --- looked up ---


def test_the_sample_companys_look_ups_find_both(owner, database):
    """What customers filed and what was imported stands beside the company's own complaints, without a way to reach
    anybody; a customer finds their own by number and the last digits of their telephone; syncing drops none of it."""
    from bots.windows.load import load_company

    load_data(owner, SAMPLE)
    sales = {window.name: window for window in load_company(SAMPLE).windows}["sales"]
    imported(
        owner,
        sales,
        "text,date,product,stars\n水箱滲水，請打 0911-222-333,2026-11-28,DH-16S,1\n很好,2026-11-28,DH-16S,5\n",
    )
    load_data(owner, SAMPLE)
    listed = looked_up(database, "sales_complaints.sql", model="DH-16S", status=None)
    assert [row["description"] for row in listed if str(row["complaint_no"]).startswith("SALES-R")] == [
        "水箱滲水，請打 …"
    ]
    assert any(row["complaint_no"] == "CS-2611-003" for row in listed)
    assert looked_up(database, "production_complaints.sql", model="DH-16S")[0]["theme"] == "漏水"
    assert not [row for row in looked_up(database, "rnd_complaints.sql", model="DH-16S") if row["theme"] == "漏水"]
    assert looked_up(database, "complaint_status.sql", complaint_no="cs-2611-003", phone_last3="638")
    assert looked_up(database, "complaint_status.sql", complaint_no="SALES-R1", phone_last3="333") == []


def test_a_customer_finds_their_own_by_number_and_digits(company):
    """Both have to be right."""
    company.complain()
    with psycopg.connect(company.talk.url, autocommit=True) as real:
        load_data(real, SAMPLE)
    found = looked_up(
        company.talk.database, "complaint_status.sql", complaint_no="hr-complaint-2026-0001", phone_last3="678"
    )
    assert [(row["theme"], row["status"], row["answer"]) for row in found] == [("漏水", "新進", "專員處理中")]
    other = {"complaint_no": "HR-COMPLAINT-2026-0001", "phone_last3": "000"}
    assert looked_up(company.talk.database, "complaint_status.sql", **other) == []


def looked_up(database: Database, file: str, **values: str | None) -> list[dict[str, Any]]:
    statement = prepared(read_sql(SAMPLE, file), dict.fromkeys(values, "text"))
    found = read_own(database, Source(OWN, "", 5.0, 100), statement, values, "Asia/Taipei")
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


# --- the command ---


def test_the_command_imports_lists_counts_and_closes(database_url, tmp_path):
    """From a Big5 file; a file with a fault changes nothing and each of its lines is named."""
    company = tmp_path / "company"
    (company / "documents").mkdir(parents=True)
    (company / "documents" / "a.md").write_text("# 退貨\n\n七日內可以退貨。\n", encoding="utf-8")
    write_window(company, "sales", ["{path: ../documents/a.md}"])
    transom = Command(company, tmp_path / "data", database_url)
    good, bad = tmp_path / "reviews.csv", tmp_path / "bad.csv"
    good.write_bytes(
        "日期,內容,評分,姓名\n2026/11/20,一直漏水，電話 0912345678,1,王小明\n2026/11/21,很好用,5,\n".encode("big5")
    )
    bad.write_text("內容,評分\n壞了,1\n,2\n壞,9\n", encoding="utf-8")

    done = transom.right("complaints", "import", good, "--window", "sales")
    assert done.out.strip() == "2 new, 0 known already, 1 new are negative"
    assert "姓名" in done.err
    assert "2 known already" in transom.right("complaints", "import", good, "-w", "sales").out
    failed = transom("complaints", "import", bad, "-w", "sales")
    assert failed.code == 2
    assert "bad.csv" in failed.err
    assert "3" in failed.err
    assert "Nothing was imported" in failed.err
    no_form = transom("complaints", "assign", "1")
    assert (no_form.code, "kind: complaint" in no_form.err) == (2, True)

    [leak, praise] = sorted(transom.right("complaints", "list", "--json").objects, key=lambda one: one["id"])
    assert (leak["text"], leak["sentiment"], leak["state"]) == ("一直漏水，電話 …", "negative", "open")
    assert praise["sentiment"] == "positive"
    assert "漏水" in transom.right("complaints", "list", "--state", "open").out
    assert "this month" in transom.right("complaints", "themes", "-w", "sales").out
    assert "1 of 2" in transom.right("complaints", "close", str(leak["id"]), "999", "--answer", "已換新").out
    assert [one["answer"] for one in transom.right("complaints", "list", "--state", "answered", "--json").objects] == [
        "已換新"
    ]


def test_the_command_hands_the_negative_ones_over(database_url, tmp_path):
    """To whom the window's complaint form says, each once; and what was filed by a form is not imported."""
    company = tmp_path / "company"
    (company / "documents").mkdir(parents=True)
    (company / "documents" / "a.md").write_text("# 退貨\n\n七日內可以退貨。\n", encoding="utf-8")
    form = json.dumps({"title": "客訴", **COMPLAINT, "tell": []}, ensure_ascii=False)
    write_window(
        company, "sales", ["{path: ../documents/a.md}"], serves="customers, employees", forms=f"{{complaint: {form}}}"
    )
    transom = Command(company, tmp_path / "data", database_url)
    reviews = tmp_path / "reviews.csv"
    reviews.write_text("text,stars\n漏水,1\n很好,5\n", encoding="utf-8")
    done = transom.right("complaints", "import", reviews, "-w", "sales", "--assign")
    assert done.out.splitlines()[-1].startswith("1\tSALES-COMPLAINT-")
    assert "is handed over already" in transom.right("complaints", "assign", "1").out
    unknown = transom("complaints", "assign", "99")
    assert (unknown.code, "no imported complaint 99" in unknown.err) == (2, True)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("select kind, rule from approval_tasks").fetchall()
    assert rows == [("work", "group:hr")]
