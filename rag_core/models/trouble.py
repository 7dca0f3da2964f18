"""What a model server's refusal means: the many dialects of errors, read into one, and told in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag_core.errors import GeneratorUnavailable, Reason
from rag_core.models.shorten import Overflow, overflow

_BUSY = {"busy", "rate_limit_exceeded", "too_many_requests"}
_NO_CREDIT = "insufficient_quota"  # OpenAI's 429 that no waiting mends


class OddAnswer(ValueError):
    """An answer that is no answer. ``body``: the error that a server sent in its place, as it came."""

    def __init__(self, message: str, body: object = None) -> None:
        super().__init__(message)
        self.body = body


@dataclass(frozen=True, slots=True)
class Place:
    """Where was asked, for messages. ``setting`` begins the names of the settings that say so."""

    url: str
    model: str
    setting: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure. ``names`` are the error's code and type, ``wait_s`` what Retry-After says in seconds."""

    kind: str
    status: int | None = None
    names: frozenset[str] = frozenset()
    param: str = ""
    text: str = ""
    overflow: Overflow | None = None
    wait_s: float | None = None

    @property
    def busy(self) -> bool:
        """Whether the server is well and only has too much to do."""
        return (self.status == 429 or not _BUSY.isdisjoint(self.names)) and _NO_CREDIT not in self.names

    def refuses(self, parameter: str) -> bool:
        """Return whether this is about a parameter that the model does not take."""
        unsupported = "unsupported" in self.text.lower() or not self.names.isdisjoint(
            {"unsupported_parameter", "unsupported_value"}
        )
        return unsupported and self.overflow is None and (self.param == parameter or f"'{parameter}'" in self.text)


def trouble_of(error: Exception) -> Trouble:
    """Return what an exception of the client, or an OddAnswer, is about."""
    body = getattr(error, "body", None)
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    names = frozenset(name for key in ("code", "type") if isinstance(name := fields.get(key), str))
    text = next(
        (told for key in ("message", "detail", "error_message") if isinstance(told := fields.get(key), str)), ""
    )
    if isinstance(body, str):  # LM Studio: {"error": "a sentence"}
        text = body
    code = fields.get("code")
    return Trouble(
        type(error).__name__,
        getattr(error, "status_code", None) or (code if isinstance(code, int) else None),
        names,
        str(fields.get("param") or ""),
        text,
        overflow(names, text, fields),
        _retry_after(error),
    )


def unavailable(trouble: Trouble, place: Place) -> GeneratorUnavailable:
    """Return the error to raise. Its message never holds what the server said: that may quote what a person wrote."""
    server = f"model server at {place.url}"
    reason: Reason = "failed"
    if trouble.busy:
        told, reason = f"The {server} is busy.", "busy"
    elif "model_loading" in trouble.names:
        told, reason = f"The {server} is still loading {place.model}.", "loading"
    elif trouble.overflow:
        told, reason = f"The {server} has too small a context for the question and one passage: enlarge it.", "refused"
    elif "content_filter" in trouble.names:
        told, reason = f"The {server} filtered the request.", "refused"
    else:
        told = _failed(trouble, place, server)
    return GeneratorUnavailable(told, reason=reason)


def _failed(trouble: Trouble, place: Place, server: str) -> str:
    if trouble.status in {401, 403}:
        return f"{place.setting}__API_KEY: the {server} refuses the key ({trouble.status}). Set the key it gave you."
    if trouble.status == 404:
        return (
            f"{place.setting}__MODEL={place.model}: the {server} has no such model, or {place.setting}__BASE_URL is not"
            " its address (404). `transom doctor` lists the models it offers."
        )
    return f"The {server} did not answer ({trouble.status or trouble.kind}). See its log."


def _retry_after(error: Exception) -> float | None:
    """Return the seconds a server asks to wait, None where it does not or names a date (RFC 9110, 10.2.3)."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):  # the first is Azure's
        try:
            return max(0.0, float(headers.get(name, "")) * unit)
        except ValueError:
            continue
    return None
