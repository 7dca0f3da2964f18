"""What ``transom demo`` asks: the questions of the company's ``demo.yaml``."""

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bots.errors import SettingError

_SHAPE = "write a list of  {window: hr, question: 特休有幾天？, groups: [employees]}"


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """One question of the demo and who asks it."""

    window: str
    question: str
    groups: frozenset[str]


def demo_questions(company: Path) -> tuple[DemoQuestion, ...]:
    """Return the company's demo questions. Raises SettingError with the file and what is wrong."""
    path = company / "demo.yaml"
    if not path.is_file():
        raise SettingError(f"{path} is missing; it holds the demo's questions: {_SHAPE}")
    try:
        rows = YAML(typ="safe").load(path)
        return tuple(
            DemoQuestion(row["window"], row["question"], frozenset(row.get("groups", ["customers"]))) for row in rows
        )
    except (YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SettingError(f"{path} cannot be understood ({type(error).__name__}); {_SHAPE}") from error
