"""What people write, without the characters that no person types, no database takes, or that only deceive. Pure."""

import re
from collections.abc import Mapping

from bots.messages import FileOffer

# Controls but tab and line end; halves of surrogate pairs; and what turns the direction of writing around, so that an
# approver would read something else than what is there.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_NAME = 120
Written = str | tuple[str, ...]


def clean(text: str) -> str:
    """Return the text as it is kept."""
    return _UNWANTED.sub("", text)


def clean_values(written: Mapping[str, Written]) -> dict[str, Written]:
    """Return what was written into a form as it is kept."""
    return {
        name: clean(value) if isinstance(value, str) else tuple(clean(one) for one in value)
        for name, value in written.items()
    }


def file_name(file: FileOffer, otherwise: str) -> str:
    """Return a file's name in one line, without a path and not too long; ``otherwise`` where it has none."""
    name = re.split(r"[/\\]", " ".join(clean(file.name).split()))[-1].strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > _NAME and dot and len(ending) <= 8:
        return f"{stem[: _NAME - len(ending) - 1]}.{ending}"
    return name[:_NAME] or otherwise
