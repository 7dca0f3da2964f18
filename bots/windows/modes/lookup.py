"""A look-up: records found for a person, by SQL on a read-only source or by a call of another system."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from bots.messages import Language
from bots.windows.faults import refuse
from bots.windows.modes.field import FieldSpec, Name, misfits
from bots.windows.parts import Groups, Part, Slug, Titles, Words, title_in


class HttpGet(Part):
    """A GET that returns JSON. ``{slot}`` in the address's path or query is filled in, percent-encoded."""

    url: Words
    items: str = ""
    """The dotted path to the records in the answer; left out: the answer is the record, or the list of them."""
    headers: Mapping[str, Words] = Field(default_factory=dict)
    """A value may be ``${NAME}``, an environment variable."""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 5.0


class Lookup(Part):
    """What is looked up, what it needs to know, and how the records are told."""

    title: Titles | None = None
    examples: tuple[Words, ...] = ()
    serves: Groups | None = None
    """Narrower than the window's."""
    sql: Words | None = None
    """A file in the company's folder ``lookups/``. ``:slot`` and ``:person`` are bound, never spliced."""
    source: Slug = "company"
    """A data source of company.yaml; left out: the tables of the company's folder ``data/``."""
    http: HttpGet | None = None
    about_person: bool = False
    """Needs to know who asks; a file that uses ``:person`` or an address with ``{person}`` says so by itself."""
    slots: tuple[FieldSpec, ...] = ()
    reply: str = ""
    """A sentence with ``{column}``, for one record. Left out: a table."""
    columns: Mapping[str, str] = Field(default_factory=dict)
    """Headings of the table: column → what people read. Columns that are not named are not shown."""
    none: str = ""
    """What is said where nothing is found."""
    page: Annotated[int, Field(ge=1, le=20)] = 8
    """Records shown at once; "more" shows the next."""
    forms: tuple[Name, ...] = ()
    """Forms of this window that are offered below the result."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.sql is None) == (self.http is None):
            raise ValueError("needs either sql or http")
        files = [index for index, slot in enumerate(self.slots) if slot.type == "file"]
        no_file = "nothing can be looked up by a file; ask for a text or number that names what is meant"
        refuse([*misfits("slots", self.slots), *((("slots", index, "type"), no_file) for index in files)])
        return self

    def title_in(self, language: Language, name: str) -> str:
        """Return the title in that language, or in the one there is, or the name."""
        return title_in(self.title or {}, language, name)
