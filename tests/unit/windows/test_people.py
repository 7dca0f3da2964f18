"""people.csv becomes rows that can be believed, or a line for each thing that is wrong with it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.windows.people import PersonRow, load_people

SAMPLE = Path(__file__).parents[3] / "company"

HEAD = "employee_number,name,email,manager,groups\n"
SHEN = "A0001,沈若蘭,ruolan.shen@a-company.example,,employees;managers\n"
GAO = "A0012,高致遠,zhiyuan.gao@a-company.example,A0001,employees;sales\n"
ROWS = (
    PersonRow("A0001", "沈若蘭", "ruolan.shen@a-company.example", "", frozenset({"employees", "managers"})),
    PersonRow("A0012", "高致遠", "zhiyuan.gao@a-company.example", "A0001", frozenset({"employees", "sales"})),
)


@pytest.fixture
def people(company, write):
    """Write a people.csv and return its rows and faults."""

    def _people(text: str | bytes) -> tuple[tuple[PersonRow, ...], list[str]]:
        write("people.csv", text)
        rows, faults = load_people(company)
        return rows, [str(fault) for fault in faults]

    return _people


def test_the_sample_companys_people_are_right():
    """Fourteen, all employees, and everybody but one has a manager."""
    rows, faults = load_people(SAMPLE)
    assert faults == ()
    assert len(rows) == 14
    assert all("employees" in row.groups for row in rows)
    assert [row.name for row in rows if not row.manager] == ["沈若蘭"]


def test_without_a_file_there_are_no_people(company):
    """And no fault: a company that serves customers only needs no list."""
    assert load_people(company) == ((), ())


@pytest.mark.parametrize(
    "header",
    [
        "employee_number,name,email,manager,groups",
        "Employee Number,Name,E-mail,Manager,Groups",
        "員工編號,姓名,電子郵件,主管,群組",
        "工號, 姓名 ,電子信箱,直屬主管,群組",
        "EMPLOYEE NO.,ＮＡＭＥ,EMAIL,manager,group",
    ],
)
def test_columns_have_their_names_in_either_language(people, header):
    """As people write them, in capitals or full-width letters too."""
    assert people(f"{header}\n{SHEN}{GAO}") == (ROWS, [])


def test_the_order_of_columns_is_free_and_others_are_passed_over(people):
    """An export of the personnel system has more columns than we read."""
    text = (
        "部門,群組,姓名,到職日,主管,電子郵件,員工編號\n"
        "業務,employees;sales,高致遠,2020-01-01,A0001,zhiyuan.gao@a-company.example,A0012\n"
        "總經理室,employees;managers,沈若蘭,,,ruolan.shen@a-company.example,A0001\n"
    )
    rows, faults = people(text)
    assert (set(rows), faults) == (set(ROWS), [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_of_taiwans_excel_are_read(people, encoding, newline):
    """UTF-8 with and without a mark, Big5, and what Excel calls Unicode."""
    text = ("員工編號,姓名,電子郵件,主管,群組\n" + SHEN + GAO).replace("\n", newline)
    assert people(text.encode(encoding)) == (ROWS, [])


@pytest.mark.parametrize("groups", ["employees;sales", "employees；sales", "employees、sales", "employees|sales ; "])
def test_groups_are_parted_as_people_do(people, groups):
    """By a semicolon, 、 or a bar, in either width; blanks and an empty one at the end do not count."""
    rows, faults = people(HEAD + SHEN + f"A0012,高致遠,zhiyuan.gao@a-company.example,A0001,{groups}\n")
    assert (rows, faults) == (ROWS, [])


def test_what_differs_in_form_only_is_the_same(people):
    """Full-width digits, capitals in an address and blanks around a cell are no other person."""
    rows, faults = people(
        f"{HEAD}Ａ０００１, 沈若蘭 ,Ruolan.Shen@A-Company.example,,employees;managers\n"
        "A0012,高致遠,zhiyuan.gao@a-company.example,a0001,employees;sales\n"
    )
    assert (rows, faults) == (ROWS, [])


def test_a_manager_may_stand_below_and_an_address_may_be_missing(people):
    """Whoever has no address uses LINE; nobody has to sort the list."""
    rows, faults = people(HEAD + GAO.replace("zhiyuan.gao@a-company.example", "") + "\n,,,,\n" + SHEN)
    assert faults == []
    assert [(row.name, row.email, row.manager) for row in rows] == [
        ("高致遠", "", "A0001"),
        ("沈若蘭", "ruolan.shen@a-company.example", ""),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",高致遠,,,employees", "employee_number: is empty; write it like  A0012"),
        ("A 12,高致遠,,,employees", "employee_number: must be one word of at most 64 characters"),
        ("A\x0712,高致遠,,,employees", "employee_number: must be one word of at most 64 characters"),
        (f"{'A' * 65},高致遠,,,employees", "employee_number: must be one word of at most 64 characters"),
        ("a0001,高致遠,,,employees", "employee_number: is that of line 2 already; each person needs their own"),
        ("A0012,,,,employees", "name: is empty"),
        ("A0012,高致遠,Ruolan.Shen@a-company.example,,employees", "email: is that of line 2 already; each person"),
        ("A0012,高致遠,zhiyuan,,employees", "email: is not an e-mail address; write it like  name@a-company.example"),
        ("A0012,高致遠,a@b,,employees", "email: is not an e-mail address"),
        ("A0012,高致遠,a@b.example c@b.example,,employees", "email: is not an e-mail address"),
        ("A0012,高致遠,高@a-company.example,,employees", "email: is not an e-mail address"),
        ("A0012,高致遠,,A0099,employees", "manager: nobody here has the employee number A0099; write the manager's"),
        ("A0012,高致遠,,沈若蘭,employees", "manager: nobody here has the employee number 沈若蘭"),
        ("A0012,高致遠,,A0012,employees", "manager: goes round in a circle (A0012 → A0012); correct one"),
        ("A0012,高致遠,,,", "groups: is empty, so this person could read nothing; write at least  employees"),
        ("A0012,高致遠,,,Sales", 'groups: "Sales" must be lower-case letters'),
        ("A0012,高致遠,,,業務", 'groups: "業務" must be lower-case letters'),
        ('A0012,高致遠,,,"employees,sales"', 'groups: "employees,sales" must be lower-case letters'),
        ("A0012,高致遠,,,employees,sales", "has more cells than the first line; put a text that holds a comma in"),
    ],
)
def test_a_wrong_line_is_told_and_left_out(people, row, said):
    """One line: the file, the line, the column, what is wrong. The other rows are still returned."""
    rows, faults = people(HEAD + SHEN + row + "\n")
    assert len(faults) == 1
    assert faults[0].startswith(f"people.csv:3: {said}")
    assert rows == ROWS[:1]


def test_all_faults_are_told_at_once_in_order(people):
    """So that one correction round is enough; a line that is wrong does not make its people's manager unknown."""
    rows, faults = people(f"{HEAD}A1,a,x,,employees\nA2,b,,A1,employees\nA3,,,A9,Employees\n")
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["people.csv:2", "email"],
        ["people.csv:4", "groups"],
        ["people.csv:4", "manager"],
        ["people.csv:4", "name"],
    ]
    assert [row.employee_number for row in rows] == ["A2"]


def test_a_circle_of_managers_is_told_in_each_of_its_lines(people):
    """Whoever reports to the circle is no part of it."""
    lines = [f"A{number},a,,A{manager},employees\n" for number, manager in ((1, 2), (2, 3), (3, 1), (4, 1))]
    rows, faults = people(HEAD + "".join(lines))
    assert faults == [
        f"people.csv:{line}: manager: goes round in a circle (A1 → A2 → A3 → A1); correct one" for line in (2, 3, 4)
    ]
    assert [row.employee_number for row in rows] == ["A4"]


def test_a_line_is_counted_as_an_editor_counts(people):
    """A cell with a line break in it, and blank lines, move what follows."""
    text = '\n員工編號,姓名,電子郵件,主管,群組\nA1,"a\nb",,,employees\n\nA2,c,x,,employees\n'
    assert people(text)[1] == ["people.csv:6: email: is not an e-mail address; write it like  name@a-company.example"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": The file is empty; its first line is  name,employee_number"),
        (HEAD, ": names nobody; write a line for each employee, or remove the file"),
        (HEAD + ",,,,\n", ": names nobody"),
        (HEAD.replace("manager", "managr") + SHEN, ":1: has no column manager (主管); its first line is like"),
        ("姓名,主管,群組\n沈,,a\n", ":1: has no column employee_number (員工編號), email"),
        (HEAD.replace("name", "name,姓名", 1) + SHEN, ":1: has two columns for name; keep one of them"),
        (HEAD + 'A1,"a,,,employees\n', ":2: is not CSV from here on; look for a quotation"),
        (HEAD + 'A1,"a"b,,,employees\n', ":2: is not CSV from here on"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00" + bytes(range(256)) * 8, ": "),
        (
            b"\xef\xbb\xbf" + HEAD.encode() + "A1,沈".encode()[:-1] + b",,,employees\n",
            ":2: some characters are damaged",
        ),
    ],
)
def test_a_file_that_is_no_list_of_people_names_nobody(people, text, said):
    """One fault says why; a workbook in place of a CSV is no crash either."""
    rows, faults = people(text)
    assert rows == ()
    assert len(faults) == 1
    assert faults[0].startswith(f"people.csv{said}")


def test_a_list_that_cannot_be_read_is_a_fault(company):
    """A link to a drive that is gone is not the same as no list: nobody loses their groups over it."""
    (company / "people.csv").symlink_to("nowhere")
    rows, (fault,) = load_people(company)
    assert rows == ()
    assert str(fault).startswith("people.csv: the file cannot be read (")


def test_addresses_and_names_are_in_no_fault(people):
    """Faults end up in logs; who it is can be looked up in the line."""
    wrong = "A0012,沈若蘭,ruolan.shen@a-company.example,A0099,Employees\nA0013,高致遠,zhiyuan.gao@,,employees\n"
    _, faults = people(HEAD + SHEN + wrong)
    assert len(faults) == 4
    assert not any(word in " ".join(faults) for word in ("若蘭", "致遠", "ruolan", "zhiyuan"))


@given(managers=st.lists(st.integers(0, 7), min_size=1, max_size=8))
def test_what_is_returned_without_faults_leads_to_the_top(managers, tmp_path_factory):
    """From every row the managers end at somebody without one; otherwise there is a fault."""
    folder = tmp_path_factory.mktemp("company")
    lines = [f"N{n},a,,{f'N{m}' if m else ''},employees" for n, m in enumerate(managers, 1)]
    (folder / "people.csv").write_text(HEAD + "\n".join(lines), encoding="utf-8")
    rows, faults = load_people(folder)
    manager_of = {f"N{n}": f"N{m}" if m else "" for n, m in enumerate(managers, 1)}
    ends = []
    for at in list(manager_of):
        for _ in managers:
            at = manager_of.get(at, "?") if at else at  # noqa: PLW2901 a walk upwards
        ends.append(at)
    assert (not faults) == all(at == "" for at in ends)
    assert len(rows) + len({fault.line for fault in faults}) == len(managers)
