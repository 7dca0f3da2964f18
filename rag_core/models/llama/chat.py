"""From a request in the OpenAI dialect to a job for the engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from time import monotonic
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag_core.errors import ConfigurationError
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.request import BadRequest, Job, Priority, Sampling
from rag_core.models.llama.runtime import Runtime
from rag_core.models.llama.shelf import common
from rag_core.models.llama.templates import choose, markers, render, shared_prefix
from rag_core.models.prompt import Message

_MOST_TOKENS = 700
_DEEPEST_GRAMMAR = 200  # groups within groups
_LONGEST_GRAMMAR = 100_000  # characters


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: Literal["text"]
    text: str


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "user", "assistant"]
    content: str | list[_Part]

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class _Format(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] = Field(default_factory=dict)


class _StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")
    include_usage: bool = False


class ChatRequest(BaseModel):
    """The body of a chat completion, as far as this server knows the dialect; other fields are passed over."""

    model_config = ConfigDict(extra="ignore")

    model: str = ""
    messages: list[_Said] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float = Field(default=0.0, ge=0, le=10)
    top_p: float = Field(default=0.95, gt=0, le=1)
    top_k: int = Field(default=40, ge=0)
    min_p: float = Field(default=0.05, ge=0, le=1)
    repeat_penalty: float = Field(default=1.0, gt=0, le=10)
    seed: int | None = None
    stop: str | list[str] | None = None
    grammar: str | None = Field(default=None, max_length=_LONGEST_GRAMMAR)
    response_format: _Format | None = None
    ignore_eos: bool = False
    n: Literal[1] = 1
    stream: bool = False
    stream_options: _StreamOptions = _StreamOptions()


def read_request(body: Any) -> ChatRequest:
    """Return the request of a JSON body. Raises BadRequest, which names the field."""
    try:
        return ChatRequest.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise BadRequest(f"{where}: {first['msg']}.") from None


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is. ``seconds``: how long there is for the whole answer."""

    tenant: str = ""
    priority: Priority = Priority.PERSON
    seconds: float | None = None


class Chat:
    """Writes chats as the model has learnt to read them."""

    def __init__(self, runtime: Runtime, options: EngineOptions) -> None:
        self._runtime, self._options = runtime, options
        hints = [runtime.meta(f"general.{key}") or "" for key in ("name", "basename", "architecture")]
        self.template = choose(
            runtime.meta("tokenizer.chat_template"),
            options.chat_format,
            [*hints, options.model.name],
            runtime.special("bos"),
            runtime.special("eos"),
        )
        self._marks = markers(self.template, runtime.control_tokens())

    def job(self, request: ChatRequest, caller: Caller) -> Job:
        """Return what the engine is to write. Raises BadRequest."""
        said: list[Message] = [{"role": one.role, "content": one.text} for one in request.messages]
        try:
            prompt = self._tokens(render(self.template, said, self._marks))
            shared = self._tokens(shared_prefix(self.template, said, self._marks).rstrip())
        except ConfigurationError as error:
            raise BadRequest(str(error)) from error
        stop = [request.stop] if isinstance(request.stop, str) else request.stop or []
        return Job(
            tuple(prompt),
            request.max_completion_tokens or request.max_tokens or _MOST_TOKENS,
            _sampling(request),
            tuple(stop),
            common(shared, prompt),
            caller.tenant,
            caller.priority,
            None if caller.seconds is None else monotonic() + caller.seconds,
            self._adapter(request.model),
        )

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a bare text."""
        return self._runtime.tokens(text, special=False, begin=False)

    def _tokens(self, text: str) -> list[int]:
        begin = self._runtime.begins and not text.startswith(self.template.bos or "\0")
        return self._runtime.tokens(text, special=True, begin=begin) if text else []

    def _adapter(self, model: str) -> str | None:
        """Return the adapter that a model's name asks for: ``breeze-7b:hr``, or the adapter's name alone."""
        _, asked, name = model.rpartition(":")
        wanted = name if asked or name in self._options.adapters else ""
        return wanted or None  # the engine refuses one that is not there


def _sampling(request: ChatRequest) -> Sampling:
    grammar = request.grammar or _grammar(request.response_format)
    if grammar and request.ignore_eos:
        raise BadRequest("ignore_eos: an answer with a grammar has to end where the grammar does.")
    if request.grammar and _depth(request.grammar) > _DEEPEST_GRAMMAR:
        raise BadRequest(f"grammar: groups may be nested {_DEEPEST_GRAMMAR} deep.")
    return Sampling(
        request.temperature,
        request.top_k,
        request.top_p,
        request.min_p,
        request.repeat_penalty,
        seed=request.seed,
        grammar=grammar,
        ignore_end=request.ignore_eos,
    )


def _depth(grammar: str) -> int:
    """Return how deep its brackets are nested at most, quoted ones included: llama.cpp reads them by recursion."""
    return max(accumulate({"(": 1, ")": -1}.get(letter, 0) for letter in grammar))


def _grammar(wanted: _Format | None) -> str | None:
    """Return the grammar of a JSON schema. Raises BadRequest."""
    if wanted is None or wanted.type == "text":
        return None
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    schema: Mapping[str, Any] = {"type": "object"} if wanted.type == "json_object" else _schema(wanted.json_schema)
    try:
        return str(json_schema_to_gbnf(json.dumps(schema)))
    except Exception as error:  # the converter raises whatever a schema makes it stumble over
        raise BadRequest(f"response_format: the JSON schema cannot be used ({type(error).__name__}).") from error


def _schema(given: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = given.get("schema")
    if not isinstance(schema, dict):
        raise BadRequest("response_format.json_schema.schema: a JSON schema is needed.")
    return schema
