"""The one reader of the environment and of ``.env`` in the working directory."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import parse_stream

from bots.errors import SettingError


def references(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Mapping[str, str]:
    """Return the variables that ``${NAME}`` in the company's files may refer to: secrets, so keep no copy of all.

    The parameters are those of ``load_settings``. Raises SettingError if ``.env`` cannot be read.
    """
    return read_variables(environment, (directory or Path.cwd()).resolve())[0]


def read_variables(environment: Mapping[str, str] | None, directory: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Return all variables that are not empty, and the names of those that only ``.env`` gives.

    The environment (None: the process's own) wins over ``.env`` in the directory. Raises SettingError if that file
    cannot be read.
    """
    given = os.environ if environment is None else environment
    stronger = {name: value for name, value in given.items() if value}
    from_file = _dotenv(directory / ".env")
    return {**from_file, **stronger}, frozenset(from_file) - frozenset(stronger)


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig") as file:
            bindings = list(parse_stream(file))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read as UTF-8 text ({error}).") from error
    for binding in bindings:
        if binding.error:
            raise SettingError(
                f"{path}:{binding.original.line}: is not NAME=value; write it like  TRANSOM_COMPANY=/srv/a-company"
            )
    return {binding.key: binding.value for binding in bindings if binding.key and binding.value}
