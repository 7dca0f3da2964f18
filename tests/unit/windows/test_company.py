"""The company's name comes from company.yaml."""

import pytest

from bots.errors import SettingError
from bots.windows.company import company_name


def test_the_name_is_what_the_file_says(tmp_path):
    """company.yaml names the company."""
    (tmp_path / "company.yaml").write_text("name: A公司\n", encoding="utf-8")
    assert company_name(tmp_path) == "A公司"


def test_without_a_file_the_folder_names_it(tmp_path):
    """Nobody has to write a company.yaml."""
    assert company_name(tmp_path) == tmp_path.name


@pytest.mark.parametrize("text", ["name: ''", "- a", "name: [", ""])
def test_a_file_without_a_name_is_a_fault_with_the_right_form(tmp_path, text):
    """The message names the file and shows how to write it."""
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match=r"company\.yaml.*name: A公司"):
        company_name(tmp_path)
