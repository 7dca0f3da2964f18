"""What ``transom windows check`` tells about a company."""

from pathlib import Path

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


def test_keys_of_later_versions_are_accepted_with_a_note(company, write):
    """Look-ups, forms and notifications are kept as written, and people are told that they do nothing yet."""
    write("documents/hr/a.pdf")
    write("documents/hr/managers/b.md")
    write("windows/hr.yaml", GOOD.partition("channels:")[0])
    report = check_company(company)
    assert report.faults == ()
    assert [str(note).split(": accepted")[0] for note in report.notes] == [
        "windows/hr.yaml: lookups: leave_balance",
        "windows/hr.yaml: forms: leave",
        "windows/hr.yaml: notifications: clock_in",
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
    """It has nothing wrong, and one note for each account that could be connected."""
    report = check_company(SAMPLE)
    assert report.faults == ()
    assert [note.trouble.partition(": not connected")[0] for note in report.notes] == [
        "line.a-company-shop",
        "line.a-company-staff",
        "slack.a-company",
    ]


def test_a_conflict_of_audiences_is_a_fault_of_that_window_alone(company, write):
    """The file is named; other windows are still looked at."""
    write("d/a.md")
    write("windows/hr.yaml", HEAD + "knowledge:\n  - {path: ../d/*}\n  - {path: ../d/a.md, audience: [hr]}\n")
    write("windows/it.yaml", HEAD.replace("hr", "it") + "contact: IT\nknowledge:\n  - {path: ../d/*}\n")
    report = check_company(company)
    assert [str(fault).split(" is given")[0] for fault in report.faults] == ["windows/hr.yaml: knowledge: d/a.md"]
    assert report.notes == ()
