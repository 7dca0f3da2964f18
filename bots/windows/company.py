"""What ``company.yaml`` says of the company as a whole. The file may be missing."""

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bots.errors import SettingError


def company_name(company: Path) -> str:
    """Return the company's name for people to read: ``name`` of company.yaml, else the folder's name."""
    path = company / "company.yaml"
    if not path.is_file():
        return company.name
    try:
        said = YAML(typ="safe").load(path)
    except (YAMLError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not YAML ({type(error).__name__}); write it like  name: A公司") from error
    name = said.get("name") if isinstance(said, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise SettingError(f"{path}: name: is missing; write it like  name: A公司")
    return name.strip()
