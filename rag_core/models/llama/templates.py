"""Chat templates: how a conversation becomes the one text that a model completes.

Every template is a Jinja text, the model's own (GGUF key ``tokenizer.chat_template``) or one of
``rag_core.models.llama.formats``, and all are rendered here, with the surroundings that Hugging Face's
``apply_chat_template`` gives them. A model file comes from elsewhere, so its template runs in Jinja's sandbox and may
neither loop for ever nor write without end. What people and documents say can never open or close a turn (``defused``).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import count
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rag_core.errors import ConfigurationError
from rag_core.models.llama.formats import FORMATS, guessed
from rag_core.models.prompt import Message

SETTING = "TRANSOM_LLAMA__CHAT_FORMAT"

_TURNS = 100_000  # of all loops and macros of one rendering together; a conversation takes some hundreds
_ROOM = 1_000_000  # characters a template may write beyond what it was given
_TICK = "0tick"  # no Jinja text can name it, therefore none can replace it

# The marks of a format, where its text shows them: some model files do not declare them as control tokens.
_MARK = re.compile(r"\[/?INST\]|<</?SYS>>|<\|[^\s<>|]+\|>|<(?:start|end)_of_turn>")
_QUOTE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_PROBES = ("", "甲", "z")  # questions with nothing in common; templates that strip treat a blank one differently
_TRIAL: tuple[Message, ...] = (
    {"role": "system", "content": "s"},
    {"role": "user", "content": "q"},
    {"role": "assistant", "content": "a"},
    {"role": "user", "content": "q"},
)


@dataclass(frozen=True)
class ChatTemplate:
    """A Jinja text and the two tokens' texts it may ask for. ``name`` is a format's name, or "own"."""

    name: str
    source: str
    bos: str
    eos: str


class _Refused(TemplateError):
    """The template called ``raise_exception``: it does not take this conversation."""


class _Unbounded(TemplateError):
    """The template loops or grows without a sensible end."""


def choose(own: str | None, wanted: str | None, hints: Sequence[str], bos: str, eos: str) -> ChatTemplate:
    """Return the template to use: the ``wanted`` format, else the model's ``own``, else what its names hint at.

    ``hints`` are the model's general.name, general.basename, general.architecture and its file's name. ``bos`` and
    ``eos`` are the texts of those tokens. Raises ConfigurationError where nothing fits, or its own is of no use.
    """
    if wanted and wanted.strip():
        return _named(wanted.strip().lower(), bos, eos)
    if own and own.strip():
        template = ChatTemplate("own", own, bos, eos)
        render(template, _TRIAL)  # so that a broken one is known when the model loads, not at the first question
        return template
    name = guessed(list(hints))
    if name is None:
        raise ConfigurationError(
            f"The model has no chat template and its name points to none. Set {SETTING} to one of {_names()}."
        )
    return _named(name, bos, eos)


def render(template: ChatTemplate, messages: Sequence[Message], marks: Sequence[str] = ()) -> str:
    """Return the text to complete: the conversation, then the beginning of the assistant's turn.

    Where the template writes BOS, the text begins with it and must not get another when it is tokenized. ``marks`` (see
    ``markers``) are broken in every content. A template that refuses a system message, or leaves it out, gets it before
    the first user message's text; one that wants the turns to alternate gets neighbours of one role joined. Raises
    ConfigurationError where the template is broken, never ends, or refuses the conversation even so.
    """
    try:
        text = _written(template, messages, marks)
        if all(told in text for told in _told(messages, marks)):
            return text
    except _Refused:
        pass  # most often a system message: below it is none
    try:
        return _written(template, _without_system(messages), marks)
    except _Refused as refused:
        raise _broken(template, f"it refuses the conversation{_quoted(template, refused)}") from None


def shared_prefix(template: ChatTemplate, messages: Sequence[Message], marks: Sequence[str] = ()) -> str:
    """Return what ``render`` begins with whatever the first question is, so that its state can be kept.

    It holds the whole system message; "" where there is none, or where the template writes it after the question.
    Raises as ``render`` does.
    """
    told = _told(messages, marks)
    if not told:
        return ""
    prefix = _common([render(template, _asking(messages, probe), marks) for probe in _PROBES])
    return prefix if all(part in prefix for part in told) else ""


def markers(template: ChatTemplate, control_tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the marks that no content may hold: the vocabulary's control tokens and the template's plain marks.

    Marks of one character, or that begin or end with white space, are no marks: a space cannot break them.
    """
    found = (*control_tokens, template.bos, template.eos, *_MARK.findall(template.source))
    return tuple(dict.fromkeys(mark for mark in found if len(mark) > 1 and mark == mark.strip()))


def defused(text: str, marks: Sequence[str]) -> str:
    """Return the text with each mark broken by a space after its first character; without marks, the same text.

    A space may complete a mark that holds one itself, so this goes on until none is left. It ends: every round widens
    a gap between two characters, and none is broken that is wider than the gaps of the marks.
    """
    if not marks:
        return text
    pattern = _pattern(tuple(marks))
    while pattern.search(text):
        text = pattern.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text)
    return text


@lru_cache(maxsize=8)
def _pattern(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True)))


def _named(name: str, bos: str, eos: str) -> ChatTemplate:
    if name not in FORMATS:
        raise ConfigurationError(f"{SETTING} names no chat format we know ({name}). Set it to one of {_names()}.")
    return ChatTemplate(name, FORMATS[name], bos, eos)


def _names() -> str:
    return ", ".join(FORMATS)


def _told(messages: Sequence[Message], marks: Sequence[str]) -> list[str]:
    """Return the system messages as they must stand in the text; templates strip at most."""
    told = [defused(message["content"], marks).strip() for message in messages if message["role"] == "system"]
    return [part for part in told if part]


def _asking(messages: Sequence[Message], question: str) -> list[Message]:
    at = next((i for i, message in enumerate(messages) if message["role"] == "user"), len(messages))
    return [*messages[:at], {"role": "user", "content": question}, *messages[at + 1 :]]


def _common(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)  # what these two begin with, all between them do
    alike = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:alike]


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """Return turns that alternate, with what the system messages say before the first user message's text."""
    told = [message["content"] for message in messages if message["role"] == "system"]
    turns: list[Message] = []
    for message in messages:
        if message["role"] == "system":
            continue
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1] = {"role": message["role"], "content": _joined(turns[-1]["content"], message["content"])}
        else:
            turns.append(message)
    at = next((i for i, turn in enumerate(turns) if turn["role"] == "user"), None)
    if at is None:
        return [{"role": "user", "content": _joined(*told)}, *turns]
    turns[at] = {"role": "user", "content": _joined(*told, turns[at]["content"])}
    return turns


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part.strip())


def _written(template: ChatTemplate, messages: Sequence[Message], marks: Sequence[str]) -> str:
    said = [{"role": message["role"], "content": defused(message["content"], marks)} for message in messages]
    limit = sum(len(message["content"]) for message in said) + _ROOM
    try:
        return _bounded(_compiled(template.source), _surroundings(template, said), limit)
    except _Refused:
        raise
    except Exception as error:  # whatever a broken template may run into
        raise _broken(template, _problem(template, error)) from None


def _bounded(compiled: Template, surroundings: Mapping[str, Any], limit: int) -> str:
    pieces, size = [], 0
    for piece in compiled.generate(surroundings):
        size += len(piece)
        if size > limit:
            raise _Unbounded("it writes without end")
        pieces.append(piece)
    return "".join(pieces)


def _surroundings(template: ChatTemplate, said: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "messages": said,
        "bos_token": template.bos,
        "eos_token": template.eos,
        "add_generation_prompt": True,
        "tools": None,
        "documents": None,
        _TICK: _ticker(),
    }


def _ticker() -> Callable[[], None]:
    turns = count(1)

    def tick() -> None:
        if next(turns) > _TURNS:
            raise _Unbounded(f"it loops more than {_TURNS} times")

    return tick


def _broken(template: ChatTemplate, problem: str) -> ConfigurationError:
    whose = "The model's own chat template" if template.name == "own" else f"The chat template {template.name}"
    return ConfigurationError(f"{whose} cannot be used: {problem}. Set {SETTING} to another of {_names()}.")


def _quoted(template: ChatTemplate, refused: _Refused) -> str:
    """Return the template's reason if it is spelt out in the template: it could be made of what people said."""
    reason = refused.message or ""
    return f" ({reason})" if reason and reason in template.source else ""


def _problem(template: ChatTemplate, error: Exception) -> str:
    """Say what is wrong, with no words in quotes but the template's own: others could be what people said."""
    if isinstance(error, TemplateSyntaxError):
        return f"line {error.lineno}: {error.message}"
    if isinstance(error, (_Unbounded, SecurityError, UndefinedError)) and error.message:
        return _QUOTE.sub(lambda found: found[0] if found[0][1:-1] in template.source else "'…'", error.message)
    return f"it stops with {type(error).__name__}"


@lru_cache(maxsize=8)
def _compiled(source: str) -> Template:
    tree = _environment().parse(source)
    again: list[nodes.For | nodes.Macro] = [*tree.find_all(nodes.For), *tree.find_all(nodes.Macro)]
    for node in again:  # all that a template can do again and again
        tick = nodes.Call(nodes.Name(_TICK, "load"), [], [], None, None)
        node.body.insert(0, nodes.ExprStmt(tick, lineno=node.lineno))
    tree.set_environment(_environment())
    return _environment().from_string(tree)


@cache
def _environment() -> "_Sandbox":
    environment = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _GenerationTag])
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _now
    return environment


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox without powers, and without copies of a text by the million."""

    intercepted_binops = frozenset({"*", "**"})

    def unsafe_undefined(self, obj: Any, attribute: str) -> NoReturn:
        """Refuse at once: Jinja's own sandbox would write nothing where such an attribute is only written."""
        raise SecurityError(f"access to attribute {attribute!r} of {type(obj).__name__!r} object is unsafe")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, within bounds; chat templates have no use for powers."""
        if operator == "**" or _size(left) * _size(right) > _ROOM:
            raise _Unbounded("it multiplies without bounds")
        return super().call_binop(context, operator, left, right)


def _size(value: object) -> int:
    if isinstance(value, (str, list, tuple)):
        return len(value)
    return abs(value) if isinstance(value, int) else 1


class _GenerationTag(Extension):
    """Hugging Face's ``generation`` block, which marks what is trained on: here just its body."""

    tags = frozenset({"generation"})  # type: ignore[assignment]  # the library asks for a set it does not change

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return what stands in the block."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _refuse(message: object) -> NoReturn:
    raise _Refused(str(message))


def _now(layout: str) -> str:
    return datetime.now().astimezone().strftime(layout)


def _to_json(value: Any, **options: Any) -> str:
    return json.dumps(value, **{"ensure_ascii": False, **options})
