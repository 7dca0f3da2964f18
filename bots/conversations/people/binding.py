"""Binding an account to a person by a one-time code that the person got where we know them already."""

from hashlib import sha256
from secrets import choice

import psycopg

from bots.conversations.people import store

CODE_MINUTES = 15
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else
_DIGITS = "23456789"
_LENGTH = 8
_ATTEMPTS_AN_HOUR = 6


class TooManyAttempts(Exception):
    """The account has tried too many codes within the hour."""


def new_code(connection: psycopg.Connection, employee_number: str) -> str:
    """Return a code that binds one account to the person, once, for 15 minutes. Earlier codes end."""
    code = "".join(choice(_LETTERS) for _ in range(_LENGTH - 1))
    code += choice(_DIGITS)  # a digit, so that a word of eight letters is no code
    store.keep_code(connection, _hash(code), employee_number, CODE_MINUTES)
    return code


def looks_like_code(text: str) -> str | None:
    """Return the code in a message that holds nothing else (「綁定」 before it aside), None if there is none."""
    bare = "".join(text.upper().replace("綁定", "").replace("BIND", "", 1).split()).strip(":：")
    return bare if len(bare) == _LENGTH and set(bare) <= set(_LETTERS) and not bare.isalpha() else None


def bind_by_code(
    connection: psycopg.Connection, platform: str, account: str, user: str, code: str
) -> store.Person | None:
    """Bind the account to the code's person and return them; None if the code is not valid (any more).

    Raises TooManyAttempts, so that nobody finds a code by trying.
    """
    if store.count_attempt(connection, platform, account, user) > _ATTEMPTS_AN_HOUR:
        raise TooManyAttempts
    number = store.use_code(connection, _hash(code))
    if number is None:
        return None
    store.bind(connection, platform, account, user, number)
    return store.by_number(connection, number)


def end_code(connection: psycopg.Connection, code: str) -> None:
    """End a code that others have read."""
    store.use_code(connection, _hash(code))


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
