"""Ids in the shapes LINE gives them: U, C or R and 32 hexadecimal digits; ULIDs for webhook events."""

import hashlib
import re
import secrets

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHAT = re.compile(r"[UCR][0-9a-f]{32}")


def user_id(name: str) -> str:
    """Return the same well-formed user id for the same name."""
    return "U" + _digits(name)


def group_id(name: str) -> str:
    """Return the same well-formed group id for the same name."""
    return "C" + _digits(name)


def room_id(name: str) -> str:
    """Return the same well-formed id of a multi-person chat for the same name."""
    return "R" + _digits(name)


def is_chat_id(text: object) -> bool:
    """Say whether this is the id of a user, a group or a room."""
    return isinstance(text, str) and _CHAT.fullmatch(text) is not None


def is_user_id(text: object) -> bool:
    """Say whether this is the id of a user."""
    return is_chat_id(text) and str(text).startswith("U")


def ulid(at_ms: int) -> str:
    """Return a ULID of this time: 26 characters, later ones sort behind earlier ones."""
    number = (at_ms << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def _digits(name: str) -> str:
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
