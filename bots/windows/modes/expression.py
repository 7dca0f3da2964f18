"""Conditions and small sums over a form's values, as window files have them: ``days > 3 and kind != '公假'``.

Names, texts, numbers, comparisons (with ``in``), and/or/not, + - * / and the functions below; nothing else, and nothing
that can grow: no powers, no repeated texts, no attributes, no indexes, no comprehensions.

A value that is not given makes a comparison false and a sum not given; it is never an error. Dates compare with dates
and with moments, by their day. ``date + 3`` is three days later.

- ``days(a, b)``: calendar days from a to b, both counted; 0 if b comes before a.
- ``workdays(a, b)``: of these, the days on which people work by the company's calendar; moments count half a day where
  only a morning or an afternoon is within (noon to one o'clock belongs to neither).
- ``hours(a, b)``: hours from a to b, with two decimals; two moments or two times of day.
- ``today()``, ``len(x)``: characters of a text, or how many were chosen; 0 if not given.
"""

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from simpleeval import InvalidExpression, SimpleEval

from bots.windows.modes.meaning import Value
from bots.windows.modes.spans import day_of, days, hours, workdays
from bots.windows.modes.workdays import WEEKDAYS, Calendar

__all__ = ["FUNCTIONS", "LONGEST", "ExpressionError", "Result", "Value", "check", "evaluate", "names_in"]

Result = Value | bool | None
"""What comes of an expression; None: something it needs is not given."""

LONGEST = 500
"""Characters of an expression."""

FUNCTIONS: Mapping[str, int] = {"days": 2, "workdays": 2, "hours": 2, "today": 0, "len": 1}
"""The functions and how many values each takes."""

_DEEPEST = 30
_PLACES = 6  # decimals of a result
_SHOWN = 60


class ExpressionError(ValueError):
    """An expression cannot be read or worked out. The message is a sentence for whoever wrote the file."""


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that the expression refers to, each once. Raises ExpressionError if it is none."""
    nodes = list(ast.walk(_parsed(text)))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return tuple(dict.fromkeys(node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in called))


def check(text: str, names: Collection[str]) -> None:
    """Raise ExpressionError if this is no expression over these names."""
    for name in names_in(text):
        if name not in names:
            raise ExpressionError(f"{name} is not known here; the names are: {', '.join(sorted(names)) or 'none'}")


def evaluate(text: str, values: Mapping[str, Value], today: date, calendar: Calendar = WEEKDAYS) -> Result:
    """Return what comes of the expression. Raises ExpressionError if it is none, or the values do not fit it."""
    tree = _parsed(text)
    try:
        return _plain(_Evaluator(values, today, calendar).eval(text, tree))
    except (InvalidExpression, TypeError, ValueError, ArithmeticError) as error:
        raise ExpressionError(f'"{_short(text)}" cannot be worked out from these values') from error


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


# What may be written


@lru_cache(maxsize=512)
def _parsed(text: str) -> ast.expr:
    """Return the expression's tree, in which there is nothing but what is allowed."""
    if len(text) > LONGEST:
        raise ExpressionError(f"is {len(text)} characters long; an expression has at most {LONGEST}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ExpressionError(
            f"\"{_short(text)}\" is no expression; write it like  days > 3 and kind == '事假'"
        ) from None
    _allow(tree, text, 0)
    return tree


def _allow(node: ast.AST, text: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise ExpressionError(f'"{_short(text)}" has too much within one another; take it apart')
    if not isinstance(node, _ALLOWED):
        raise ExpressionError(f'"{_short(text)}" has something that expressions cannot have ({type(node).__name__})')
    if isinstance(node, ast.Constant):
        _allow_constant(node, text)
    if isinstance(node, ast.Call):
        _allow_call(node, text)
        children: list[ast.AST] = list(node.args)
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        _allow(child, text, depth + 1)


def _allow_constant(node: ast.Constant, text: str) -> None:
    if not isinstance(node.value, str | int | float) or node.value in (math.inf, -math.inf):
        raise ExpressionError(
            f'"{_short(text)}" has {_short(repr(node.value))}; only texts, numbers, True and False can stand there'
        )


def _allow_call(node: ast.Call, text: str) -> None:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise ExpressionError(f'"{_short(text)}" calls something else than {", ".join(FUNCTIONS)}')
    takes = FUNCTIONS[node.func.id]
    if node.keywords or len(node.args) != takes or any(isinstance(one, ast.Starred) for one in node.args):
        raise ExpressionError(f"{node.func.id} takes {takes} values")


_ALLOWED = (
    ast.Constant, ast.Name, ast.Load, ast.Tuple, ast.List, ast.Call, ast.BoolOp, ast.And, ast.Or,
    ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
)  # fmt: skip


# What it means


def _plain(found: Any) -> Result:
    if isinstance(found, Decimal):
        return int(found) if found == found.to_integral_value() else round(found, _PLACES)
    assert found is None or isinstance(found, bool | str | int | Decimal | date | time | tuple)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compared(one: Any, other: Any) -> bool:
        if one is None or other is None:
            return False
        if isinstance(one, date) and isinstance(other, date) and type(one) is not type(other):
            one, other = day_of(one), day_of(other)
        return bool(compare(one, other))

    return compared


def _within(one: Any, others: Any) -> bool:
    return one in others


def _not_within(one: Any, others: Any) -> bool:
    return one not in others


def _sum(calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def calculated(one: Any, other: Any) -> Any:
        if one is None or other is None:
            return None
        if _is_number(one) and _is_number(other):
            return calculate(Decimal(one), Decimal(other))
        if calculate in (operator.add, operator.sub) and isinstance(one, date) and _is_number(other):
            return calculate(one, timedelta(days=float(other)))
        raise TypeError("only numbers can be calculated with, and a number of days beside a date")

    return calculated


def _minus(value: Any) -> Any:
    if value is not None and not _is_number(value):
        raise TypeError("only a number can be negative")
    return None if value is None else -value


_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _sum(operator.add),
    ast.Sub: _sum(operator.sub),
    ast.Mult: _sum(operator.mul),
    ast.Div: _sum(operator.truediv),
    ast.USub: _minus,
    ast.UAdd: lambda value: value,
    ast.Not: operator.not_,
    ast.Eq: _compared(operator.eq),
    ast.NotEq: _compared(operator.ne),
    ast.Lt: _compared(operator.lt),
    ast.LtE: _compared(operator.le),
    ast.Gt: _compared(operator.gt),
    ast.GtE: _compared(operator.ge),
    ast.In: _compared(_within),
    ast.NotIn: _compared(_not_within),
}


def _if_given(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda one, other: None if one is None or other is None else function(one, other)


def _length(value: Any) -> int:
    return 0 if value is None else len(value)


class _Evaluator(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with our operators and functions, and none of the rest."""

    def __init__(self, values: Mapping[str, Value], today: date, calendar: Calendar) -> None:
        working = partial(workdays, calendar=calendar)
        functions = {"days": _if_given(days), "workdays": _if_given(working), "hours": _if_given(hours)}
        super().__init__(
            operators=dict(_OPERATORS), functions={**functions, "today": lambda: today, "len": _length}, names={}
        )
        self._values = values
        self.nodes = {
            ast.Constant: self._constant,
            ast.Name: lambda node: self._values.get(node.id),
            ast.Tuple: self._several,
            ast.List: self._several,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._eval_boolop,
            ast.Compare: self._eval_compare,
            ast.Call: self._eval_call,
        }

    @staticmethod
    def _constant(node: ast.Constant) -> object:
        return Decimal(str(node.value)) if isinstance(node.value, float) else node.value

    def _several(self, node: ast.Tuple | ast.List) -> tuple[object, ...]:
        return tuple(self._eval(one) for one in node.elts)
