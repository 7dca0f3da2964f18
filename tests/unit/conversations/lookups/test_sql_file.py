"""A look-up's SQL file: one statement that reads, its parameters found where Postgres would find them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.windows.modes.sql_file import SqlFileError, check, name_at, numbered, parameters, prepared, read_sql, words_of


def write(company: Path, name: str, text: str | bytes) -> Path:
    path = company / "lookups" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return company


def test_parameters_are_named_in_their_order_each_once():
    """A colon with a name is a parameter, however often it is used."""
    assert parameters("select * from t where a = :person and b between :day and :day_2 or c = :person") == [
        "person",
        "day",
        "day_2",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "select ':a', 'it''s :b'",
        r"select E'\':a', e'x\\', 'y:b'",
        "select E'x'\n  ':b \\' :c'",
        "select $$ :a ' $$, $x$ :b $$ $x$",
        'select ":a", "b"":c"',
        "select 1 -- :a\n, 2",
        "select /* :a /* :b */ :c */ 1",
        "select a::int, b::text[]",
        "select array_fill(a := 1)",
        "select x[1:2]",
        "select '09:30', now() - interval '1:b'",
    ],
)
def test_a_colon_elsewhere_is_no_parameter(text):
    """Literals, dollar quotes, quoted names, comments, casts and slices hold none."""
    check(text)
    assert parameters(text) == []


def test_a_statement_is_numbered_for_postgres_itself():
    """The same parameter has the same number; the lines stay, so that a position can be told as a line."""
    text = "\n-- :no\nselect ':a', 5 % 2\nwhere a = :b\n  and c = :d or e = :b;\n"
    assert numbered(text, {"b": "text"}) == (
        "\n-- :no\nselect ':a', 5 % 2\nwhere a = $1::text\n  and c = $2 or e = $1::text\n"
    )


@pytest.mark.parametrize(
    ("text", "position", "name"),
    [
        ("select a", 7, "a"),
        ("select b . days, c", 7, "b.days"),
        ('select "員工"."a""b" x', 7, '"員工"."a""b"'),
        ("select 員編", 7, "員編"),
        ("select 1", 7, ""),
        ("select", 6, ""),
    ],
)
def test_the_name_at_a_position_is_found(text, position, name):
    """As it is written there, with what stands before its dot."""
    assert name_at(text, position) == name


def test_words_are_those_that_the_database_knows():
    """Lower-case, as written in quotation marks; neither literals nor comments nor parameters."""
    assert words_of("select A, \"B\" from c -- d\nwhere 'e' = :f") == {"select", "a", "B", "from", "c", "where"}


def test_a_statement_is_prepared_for_psycopg():
    """Parameters become named placeholders, and per cent signs stay what they are."""
    text = "select a::int, '5%' from t where b like :q || '%' -- 100% :x\n;"
    assert prepared(text) == "select a::int, '5%%' from t where b like %(q)s || '%%' -- 100%% :x"


def test_a_parameter_gets_the_type_of_its_slot():
    """So that one without a value has a type too."""
    assert prepared("values (:day, :other)", {"day": "date"}) == "values (%(day)s::date, %(other)s)"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("-- nothing\n", "is empty"),
        ("select 1; select 2", "1: a second statement"),
        ("select 1;\n\n;", "3: a second statement"),
        ("insert into t values (1)", "must begin with select"),
        ("copy t to '/tmp/x'", "must begin with select"),
        ("set role postgres", "must begin with select"),
        ("do $$ begin end $$", "must begin with select"),
        ("begin; select 1", "must begin with select"),
        ("with x as (delete from t returning 1)\nselect * from x", '1: "delete" writes'),
        ("with x as (\n update t set a = 1 returning 1) select 1", '2: "update" writes'),
        ("select * into y from t", '"into" writes'),
        ("select set_config('role', 'none', true)", "set_config may not be used"),
        ("select \"set_config\"('role', 'none', true)", "may not be used"),
        ("select U&\"set\\005fconfig\"('role', 'none', true)", "U& is not taken"),
        ("select pg_catalog.pg_read_file('/etc/passwd')", "pg_catalog may not be used"),
        ("select PG_SLEEP(9)", "may not be used"),
        ("select lo_import('/etc/passwd')", "may not be used"),
        ("select query_to_xml('delete from t', true, true, '')", "may not be used"),
        ("select dblink_exec('x', 'y')", "may not be used"),
        ("select $1", "is no parameter"),
        ("select 'a", "quotation mark is not closed"),
        ('select\n"a', "2: a quotation mark is not closed"),
        ("select $x$ a $$", "$x$ is not closed"),
        ("select /* a /* b */ 1", "comment /* is not closed"),
        ("select '\x00'", "NUL"),
        ("select " + "1," * 60_000 + "1", "longer than"),
    ],
)
def test_what_does_more_than_read_is_refused_with_its_line(text, says):
    """A file that writes, reaches out or holds two statements never gets to the database."""
    with pytest.raises(SqlFileError) as refused:
        check(text)
    assert says in str(refused.value)


def test_words_inside_literals_are_nobodys_business():
    """A text may say "delete"; a column of that name is written in quotes."""
    check("select 'delete; drop table t', \"update\" from t")


@given(st.text())
def test_any_text_is_taken_apart_without_loss_or_refused(text):
    """Cutting into tokens never fails in another way, and never loses a character."""
    try:
        made = prepared(text)
    except SqlFileError:
        return
    if ":" not in text and ";" not in text:
        assert made == text.replace("%", "%%").strip()


def test_a_file_is_read_from_the_folder_lookups(tmp_path):
    """It may be in a folder below, and begin with a byte order mark."""
    company = write(tmp_path, "hr/leave.sql", b"\xef\xbb\xbfselect 1")
    assert read_sql(company, "hr/leave.sql") == "select 1"


@pytest.mark.parametrize("name", ["../secret.sql", "/etc/passwd", "a/../../secret.sql", "note.txt", "x\x00.sql", "."])
def test_no_file_outside_the_folder_is_read(tmp_path, name):
    """A name leads nowhere else."""
    (tmp_path / "secret.sql").write_text("select 1", encoding="utf-8")
    write(tmp_path, "note.txt", "select 1")
    with pytest.raises(SqlFileError, match="lookups/"):
        read_sql(tmp_path, name)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    """Nor does a symbolic link."""
    company = write(tmp_path, "a.sql", "select 1")
    (tmp_path / "secret.sql").write_text("select 1", encoding="utf-8")
    (company / "lookups" / "link.sql").symlink_to(tmp_path / "secret.sql")
    with pytest.raises(SqlFileError, match="company's folder"):
        read_sql(company, "link.sql")


def test_a_fault_names_the_file_and_the_line(tmp_path):
    """Whoever wrote it finds the place."""
    company = write(tmp_path, "leave.sql", "select 1\nfrom t;\nselect 2")
    with pytest.raises(SqlFileError, match=r"^lookups/leave\.sql:3: a second statement"):
        read_sql(company, "leave.sql")
    with pytest.raises(SqlFileError, match=r"lookups/none\.sql: cannot be read"):
        read_sql(company, "none.sql")
    with pytest.raises(SqlFileError, match="UTF-8"):
        read_sql(write(tmp_path, "big5.sql", "select '請'".encode("big5")), "big5.sql")
