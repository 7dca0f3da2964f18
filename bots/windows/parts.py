"""What the parts of a company's files are made of: names, words, groups, titles."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bots.messages import Language

_SLUG = r"^[a-z][a-z0-9_-]{0,62}$"


def is_slug(value: object) -> bool:
    """Whether this can be the name of a window, a group or an account."""
    return isinstance(value, str) and re.fullmatch(_SLUG, value) is not None


def _titles(value: object) -> object:
    """Take a plain string for a title in the company's first language."""
    return {"zh-TW": value} if isinstance(value, str) else value


def not_blank(value: str) -> str:
    """Return the text without spaces around it. Raises ValueError if nothing is left."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _without_repeats(groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(groups))


Words = Annotated[str, AfterValidator(not_blank)]
Slug = Annotated[str, StringConstraints(pattern=_SLUG)]
Slugs = Annotated[tuple[Slug, ...], Field(min_length=1), AfterValidator(_without_repeats)]
Groups = Slugs
Titles = Annotated[Mapping[Language, Words], Field(min_length=1), BeforeValidator(_titles)]


def title_in(titles: Mapping[Language, str], language: Language, otherwise: str = "") -> str:
    """Return the title in that language, else the one there is, else ``otherwise``."""
    return titles.get(language) or next(iter(titles.values()), otherwise)


class Part(BaseModel):
    """A part of a file: what it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")
