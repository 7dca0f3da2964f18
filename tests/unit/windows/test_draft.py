"""``transom windows new`` drafts a file that works as it is and explains itself."""

import pytest

from bots.errors import WindowFileError
from bots.windows.check import check_company
from bots.windows.draft import READABLE, draft_window
from bots.windows.knowledge import collection_of
from bots.windows.load import load_company, load_windows
from bots.windows.suggestions import SUGGESTIONS
from rag_core.errors import UnreadableDocument
from rag_core.ingest.read import read_file


def drafted(company, documents, name="hr", **options):
    draft_window(name, documents, company, **options)
    return load_windows(company)[0]


def test_a_draft_loads_and_knows_the_documents(company, write):
    """All readable files are known, nothing is left to remark, but the contact, and every key has its explanation."""
    write("documents/hr/rules.pdf")
    write("documents/hr/deep/er/leave.md", "# 請假")
    write("documents/hr/tool.exe")
    window = drafted(company, company / "documents" / "hr")
    sources = collection_of(window, company).sources
    assert [source.name for source in sources] == [
        "documents/hr/deep/er/leave.md",
        "documents/hr/rules.pdf",
        "documents/hr/tool.exe",  # cannot be read: a sync names it
    ]
    assert (window.department, window.serves) == ("人", ("employees",))
    report = check_company(company)
    assert report.faults == ()
    assert [note.trouble.split(";")[0] for note in report.notes] == ["contact: is still the draft's"]
    text = window.file.read_text(encoding="utf-8")
    assert ".exe" in text
    assert text.count("#") >= 10


def test_questions_come_from_the_documents(company, write):
    """First those of an FAQ table, in Big5 too, then headings that ask; never more than four, none too long."""
    rows = "\n".join(f"第{n}個問題怎麼辦？,答案{n}" for n in range(1, 3))
    write("d/faq.csv", f"問題,答案\n{rows}\n{'很' * 60}？,答\n".encode("cp950"))
    write("d/a.md", "# 規則\n## 特休有幾天？\n## How many days do I get?\n## 還有嗎？\n")
    window = drafted(company, company / "d")
    assert window.questions == ("第1個問題怎麼辦？", "第2個問題怎麼辦？", "特休有幾天？", "How many days do I get?")


def test_without_questions_in_the_documents_an_example_is_left(company, write):
    """A remark shows how to write them."""
    write("d/a.md", "# 規則\n")
    window = drafted(company, company / "d")
    assert window.questions == ()
    assert "# questions: [" in window.file.read_text(encoding="utf-8")


def uncommented(text):
    """The draft with everything in it that is only a remark because people have to decide."""
    head, _, suggested = text.partition("# 可能用得到的查詢與表單")
    lines = suggested.splitlines()[1:]
    assert all(line.startswith("# ") for line in lines if line)
    return head + "\n".join(line.removeprefix("# ") for line in lines) + "\n"


def test_look_ups_and_forms_come_from_what_the_documents_speak_of(company, write):
    """The likeliest, as remarks with the word, how often it is there, and where; a word or two is no process."""
    write("d/leave.md", "# 請假辦法\n請假要先送單。\n## 特別休假\n特休與特休的結算，加班。\n")
    write("d/faq.csv", "問題,答案\n怎麼請假？,請假請上系統；特休也是\n")
    text = drafted(company, company / "d").file.read_text(encoding="utf-8")
    assert "#   # 文件提到「請假」等字 6 次，例如 leave.md\n#   leave:\n#     title: 請假單\n" in text
    assert "# lookups:\n#   # 文件提到「特休」等字 4 次，例如 leave.md\n#   leave_balance:\n" in text
    assert "overtime" not in text
    assert drafted_modes(company) == ((), ())


def drafted_modes(company):
    (window,) = load_windows(company)
    return tuple(window.lookups), tuple(window.forms)


@pytest.mark.parametrize("suggestion", SUGGESTIONS, ids=lambda one: one.text.partition(":")[0])
def test_a_suggestion_without_its_marks_is_right(company, write, suggestion):
    """Whoever takes the marks away has a window that loads, as soon as the SQL file is there."""
    write("d/a.md", f"# 說明\n{suggestion.words[0] * 3}\n")
    name = suggestion.text.partition(":")[0]
    write(f"lookups/{name}.sql", "select 1 as remaining\n")
    file = drafted(company, company / "d").file
    file.write_text(uncommented(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert [str(fault) for fault in load_company(company).faults] == []
    assert name in {*drafted_modes(company)[0], *drafted_modes(company)[1]}


def test_customers_are_offered_only_what_they_can_use(company, write):
    """A form for people we know would be a fault in a window of customers alone."""
    write("d/a.md", "# 說明\n訂單訂單訂單，請假請假請假，客訴客訴客訴。\n")
    file = drafted(company, company / "d", serves=("customers",)).file
    file.write_text(uncommented(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert load_company(company).faults == ()
    assert drafted_modes(company) == ((), ("complaint",))


def test_documents_that_speak_of_nothing_known_bring_no_suggestions(company, write):
    """Nothing is made up."""
    write("d/a.md", "一段文字。\n")
    text = drafted(company, company / "d").file.read_text(encoding="utf-8")
    assert "forms" not in text
    assert "候選" not in text


def test_further_questions_and_headings_are_candidates(company, write):
    """What the documents ask beyond the four buttons, and what they have a section for, without its numbering."""
    rows = "\n".join(f"第{n}個問題怎麼辦？,答案{n}" for n in range(1, 7))
    write("d/faq.csv", f"問題,答案\n{rows}\n")
    write("d/a.md", "# 規則\n## 一、設備配發\n發放。\n## 2. 帳號\n申請。\n")
    window = drafted(company, company / "d")
    text = window.file.read_text(encoding="utf-8")
    assert len(window.questions) == 4
    candidates = text.partition("# 常見問題的候選")[2].splitlines()
    assert candidates[1:3] == ['#   - "第5個問題怎麼辦？"', '#   - "第6個問題怎麼辦？"']
    assert "可以改寫成問題：設備配發、帳號" in candidates[3]


def test_documents_in_office_formats_count_too(company, write):
    """A PDF is read as a sync reads it."""
    import pymupdf

    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 72), "加班 加班 加班單", fontname="china-t")
        pdf.save(company / "rules.pdf")
    write("d/rules.pdf", (company / "rules.pdf").read_bytes())
    text = drafted(company, company / "d").file.read_text(encoding="utf-8")
    assert "文件提到「加班」等字 3 次，例如 rules.pdf" in text


@pytest.mark.parametrize(
    ("name", "department"), [("finance", "財"), ("it", "資"), ("customer-service", "銷"), ("rd", "發"), ("legal", "人")]
)
def test_the_department_is_guessed_from_the_name(company, write, name, department):
    """A guess people can correct, and never a fault."""
    write("d/a.md")
    assert drafted(company, company / "d", name).department == department


def test_what_is_said_stands_before_the_guess(company, write):
    """--department and --serves are taken as given."""
    write("d/a.md")
    window = drafted(company, company / "d", "it", department="產", serves=("managers", "hr"))
    assert (window.department, window.serves) == ("產", ("managers", "hr"))


@pytest.mark.parametrize("folder", ["有 空格", "a: b", "[2025]", "'quoted' \"twice\"", "#1", "{x}", "50%", "*"])
def test_strange_names_of_folders_survive(company, tmp_path, folder):
    """Whatever the documents' folder is called, inside the company or not, the draft finds its files."""
    for place in (company / "documents" / folder, tmp_path / "nas" / folder):
        place.mkdir(parents=True)
        (place / "a.md").touch()
        name = "inside" if place.is_relative_to(company) else "outside"
        draft_window(name, place, company)
    assert [len(collection_of(window, company).sources) for window in load_windows(company)] == [1, 1]


def test_an_existing_file_is_never_overwritten(company, write):
    """People's own words are worth more than a draft."""
    write("d/a.md")
    path = write("windows/hr.yaml", "mine")
    with pytest.raises(WindowFileError, match="is there already"):
        drafted(company, company / "d")
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("人資", {}, "lower-case"),
        ("../hr", {}, "lower-case"),
        ("hr", {"serves": ("Employees",)}, "lower-case"),
        ("hr", {"department": "HR"}, "產 銷 人 發 財 資"),
    ],
)
def test_bad_options_are_told(company, write, name, options, said):
    """Nothing is written for a name that could not be loaded, or that leads elsewhere."""
    write("d/a.md")
    with pytest.raises(WindowFileError, match=said):
        draft_window(name, company / "d", company, **options)


def test_a_folder_without_documents_is_told(company, write):
    """Neither an absent folder nor one with other files makes a window."""
    with pytest.raises(WindowFileError, match="There is no folder"):
        draft_window("hr", company / "d", company)
    write("d/tool.exe")
    with pytest.raises(WindowFileError, match="holds no file Transom reads"):
        draft_window("hr", company / "d", company)


def test_the_first_window_makes_the_company(tmp_path):
    """Neither the company's folder nor windows/ has to exist before."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").touch()
    assert drafted(tmp_path / "new", tmp_path / "docs").name == "hr"


@pytest.mark.parametrize("suffix", READABLE)
def test_only_formats_that_can_be_read_are_drafted(tmp_path, suffix):
    """The reader may refuse an empty file, but not for its format."""
    (tmp_path / f"a{suffix}").touch()
    with pytest.raises(UnreadableDocument) as raised:
        read_file(tmp_path / f"a{suffix}")
    assert "are not read" not in str(raised.value)
