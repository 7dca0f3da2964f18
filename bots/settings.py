"""The settings of a process, from the variables that ``bots.environment`` reads.

Every setting is a field of ``Settings``; ``load_settings`` turns variables into one frozen value or raises
SettingError with one sentence a fault. Secrets are never shown, neither in a repr nor in a fault.
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bots.environment import read_variables
from bots.errors import SettingError
from bots.setting_values import (
    LOOPBACK,
    SHORTEST_SECRET,
    read_adapters,
    read_database_url,
    read_hosts,
    read_public_url,
    read_secret_key,
    read_url,
    read_zone,
    upper,
)

PREFIX = "TRANSOM_"
OF_THE_TESTS = frozenset({"TRANSOM_TEST_DATA", "TRANSOM_NO_SKIPS", "TRANSOM_SOAK"})
"""Variables that tests and benchmarks read; here they are only known not to be misspelt settings."""

_SECRET_FILE = "secret_key"  # noqa: S105 the file's name, not a secret
_ROOT_DATA = Path("/var/lib/transom")


def _readers() -> int:
    """Return two, or one on one processor: a reader that looks at scans takes up to a gigabyte."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 2)


Url = Annotated[str, AfterValidator(read_url)]


class OpenAISettings(BaseModel):
    """An OpenAI-compatible server that writes answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: Url | None = Field(default=None, examples=["http://localhost:8080/v1"])
    api_key: SecretStr | None = Field(default=None, examples=["sk-…"])
    model: str | None = Field(default=None, examples=["breeze-7b-instruct"])
    timeout_s: float = Field(default=60.0, gt=0, le=3600, examples=["60"])
    azure_api_version: str = Field(default="", examples=["2024-10-21"])
    """Set it where the server is Azure OpenAI: ``base_url`` is then the resource, ``model`` the deployment."""


class LlamaSettings(BaseModel):
    """The local model, which ``transom model`` runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(default="", examples=["breeze-7b"])
    """The path of a GGUF file, or the name of a model that ``transom models pull`` fetched."""
    chat_format: str = Field(default="", examples=["breeze"])
    """How turns are written, where the file does not say and its name does not tell."""
    context: int = Field(default=16384, ge=512, le=1 << 20, examples=["16384"])
    """Tokens that all answers being written hold together; the most that one prompt with its answer may have."""
    sequences: int = Field(default=8, ge=1, le=128, examples=["8"])
    """Answers written at once."""
    waiting: int = Field(default=64, ge=1, le=1024, examples=["64"])
    """Requests that may wait; more are told that the model is busy."""
    threads: int | None = Field(default=None, ge=1, le=512, examples=["8"])
    gpu_layers: int = Field(default=-1, ge=-1, le=1000, examples=["-1"])
    """Layers on the GPU; -1: all."""
    flash_attention: Literal["auto", "on", "off"] = Field(default="auto", examples=["auto"])
    kv_type: Literal["f16", "f32", "q8_0"] = Field(default="f16", examples=["q8_0"])
    adapters: Annotated[Mapping[str, Path], NoDecode, BeforeValidator(read_adapters)] = Field(
        default_factory=dict, examples=["a-company=/srv/models/a-company-lora.gguf"]
    )
    """LoRA adapters by name."""
    adapter: str = Field(default="", examples=["a-company"])
    """The one that answers are written with; empty: none."""
    wait_s: float = Field(default=20.0, gt=0, le=3600, examples=["20"])
    """How long a person waits for the answer's beginning before the documents' own sentences are sent instead."""
    timeout_s: float = Field(default=60.0, gt=0, le=3600, examples=["60"])
    """How long the whole answer may take."""
    max_tokens: int = Field(default=700, ge=16, le=8192, examples=["700"])


class LineSettings(BaseModel):
    """LINE's servers. ``api_base`` points to another one, for tests and proxies; None: LINE's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_base: Url | None = Field(default=None, examples=["http://localhost:9001"])


class SlackSettings(BaseModel):
    """Slack's servers. ``api_base`` points to another one, for tests and proxies; None: Slack's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_base: Url | None = Field(default=None, examples=["http://localhost:9002/api"])


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """Which embedder to build. ``base_url`` and ``api_key`` are for ``openai`` only."""

    kind: Literal["none", "openai", "sentence-transformers"]
    model: str = ""
    base_url: str = ""
    api_key: SecretStr | None = None


class Settings(BaseSettings):
    """All settings of one process. ``load_settings`` makes it; making it directly reads no environment."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
    )

    company: Path = Field(examples=["~/a-company"])
    data: Path = Field(examples=["~/transom-data"])
    database_url: Annotated[SecretStr, AfterValidator(read_database_url)] | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        examples=["postgresql://transom:password@db.example:5432/transom"],
    )
    embedder: str = Field(default="none", examples=["none", "openai:bge-m3", "/srv/models/bge-m3"])
    embedder_url: Url | None = Field(default=None, examples=["http://localhost:8081/v1"])
    embedder_api_key: SecretStr | None = Field(default=None, examples=["sk-…"])
    reranker: str = Field(default="", examples=["BAAI/bge-reranker-v2-m3"])
    generator: Literal["extractive", "llama", "openai"] = Field(default="extractive", examples=["extractive"])
    openai: OpenAISettings = OpenAISettings()
    llama: LlamaSettings = LlamaSettings()
    our_machines: Annotated[frozenset[str], NoDecode, BeforeValidator(read_hosts)] = Field(
        default=LOOPBACK, examples=["gpu1.a-company.example,10.0.0.7"]
    )
    host: str = Field(default="127.0.0.1", examples=["127.0.0.1"])
    port: int = Field(default=8000, ge=1, le=65535, examples=["8000"])
    proxies: int = Field(default=0, ge=0, le=10, examples=["1"])
    """How many reverse proxies stand in front of the web chat and may be believed about scheme, host and address."""
    public_url: Annotated[str, AfterValidator(read_public_url)] | None = Field(
        default=None, examples=["https://transom.a-company.example"]
    )
    """Where people's browsers reach us, no slash at the end. Without it replies on LINE and Slack have no links."""
    secret_key: Annotated[SecretStr, AfterValidator(read_secret_key)] | None = Field(
        default=None, examples=["$(openssl rand -hex 32)"]
    )
    workers: int = Field(default=8, ge=1, le=64, examples=["8"])
    """Threads that answer and deliver."""
    sweep_s: float = Field(default=5.0, gt=0, allow_inf_nan=False, examples=["5"])
    """How often what was left lying is looked for: due deliveries, jobs of a worker that died."""
    retention_days: int = Field(default=90, ge=1, le=36500, examples=["90"])
    time_zone: Annotated[ZoneInfo, BeforeValidator(read_zone)] = Field(
        default=ZoneInfo("Asia/Taipei"), validate_default=True, examples=["Asia/Taipei"]
    )
    """The company's: what "tomorrow" and a schedule mean."""
    """How long the bodies of events, turns and deliveries are kept; their keys stay."""
    line: LineSettings = LineSettings()
    slack: SlackSettings = SlackSettings()
    read_workers: int = Field(default_factory=_readers, ge=1, le=256, examples=["4"])
    read_limit_s: float = Field(default=300.0, gt=0, examples=["300"])
    read_limit_mb: int = Field(default=1536, ge=256, examples=["1536"])
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(upper)] = Field(
        default="INFO", examples=["INFO"]
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 pydantic's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what ``load_settings`` hands over, so that nothing else reads the environment."""
        return (init_settings,)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.generator == "openai" and not (self.openai.base_url and self.openai.model):
            raise ValueError(
                "TRANSOM_GENERATOR=openai also needs TRANSOM_OPENAI__BASE_URL and TRANSOM_OPENAI__MODEL; write them"
                " like  TRANSOM_OPENAI__BASE_URL=http://localhost:8080/v1  TRANSOM_OPENAI__MODEL=breeze-7b-instruct"
            )
        if self.generator == "llama" and not self.llama.model:
            raise ValueError(
                "TRANSOM_GENERATOR=llama also needs TRANSOM_LLAMA__MODEL; write it like  TRANSOM_LLAMA__MODEL=breeze-7b"
                "  (transom models list shows which there are) or give the path of a GGUF file"
            )
        if self.llama.adapter and self.llama.adapter not in self.llama.adapters:
            raise ValueError(
                f"TRANSOM_LLAMA__ADAPTER is {self.llama.adapter}, but TRANSOM_LLAMA__ADAPTERS names no such file; write"
                f" it like  TRANSOM_LLAMA__ADAPTERS={self.llama.adapter}=/srv/models/{self.llama.adapter}.gguf"
            )
        choice = self.embedder_choice
        if choice.kind == "openai" and not (choice.model and choice.base_url):
            raise ValueError(
                "TRANSOM_EMBEDDER=openai:MODEL needs the model's name and TRANSOM_EMBEDDER_URL (or"
                " TRANSOM_OPENAI__BASE_URL); write them like"
                "  TRANSOM_EMBEDDER=openai:bge-m3  TRANSOM_EMBEDDER_URL=http://localhost:8081/v1"
            )
        if choice.kind != "openai" and self.embedder_url:
            raise ValueError(
                f"TRANSOM_EMBEDDER_URL is set, but TRANSOM_EMBEDDER is {self.embedder}; to use that server write"
                "  TRANSOM_EMBEDDER=openai:MODEL"
            )
        return self

    @property
    def embedder_choice(self) -> EmbedderChoice:
        """Return what TRANSOM_EMBEDDER names. The answers' key never goes to an embedder with an address of its own."""
        kind, _, model = self.embedder.strip().partition(":")
        if kind == "none":
            return EmbedderChoice("none")
        if kind != "openai":
            return EmbedderChoice("sentence-transformers", self.embedder.strip())
        if self.embedder_url:
            return EmbedderChoice("openai", model, self.embedder_url, self.embedder_api_key)
        return EmbedderChoice("openai", model, self.openai.base_url or "", self.embedder_api_key or self.openai.api_key)

    def is_ours(self, url: str) -> bool:
        """Whether the address names one of our machines. This machine always is; what cannot be read is not."""
        try:
            host = urlsplit(url).hostname
        except ValueError:
            return False
        return bool(host) and str(host).rstrip(".") in self.our_machines | LOOPBACK


def load_settings(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """Read the environment and ``.env`` of the working directory; the environment wins.

    The parameters stand in for ``os.environ`` and the working directory. Relative paths start at that directory.
    Raises SettingError with one line a fault.
    """
    directory = (directory or Path.cwd()).resolve()
    variables, from_file = read_variables(environment, directory)
    if faults := _unknown(variables):
        raise SettingError("\n".join(faults))
    values = _Variables(variables)()
    values["company"] = _path(values.get("company"), directory, directory / "company", "COMPANY")
    own = default_data_folder(directory, values["company"], os.geteuid())
    values["data"] = _path(values.get("data"), directory, own, "DATA")
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingError("\n".join(_fault(detail, from_file) for detail in error.errors())) from None


def default_data_folder(directory: Path, company: Path, user_id: int) -> Path:
    """Return where a company's state lies if TRANSOM_DATA does not say: in ``.transom/``, for root in /var/lib/transom.

    Each company folder has a state of its own, so that syncing one never empties another. For root not below the
    working directory: the embedded Postgres opens the folders above its own to everyone, which root's home must not be.
    """
    unique = hashlib.sha256(os.fsencode(company)).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", company.name).strip("-.") or "company"
    return (_ROOT_DATA if user_id == 0 else directory / ".transom") / f"{name[:40]}-{unique}"


def keep_secret_key(settings: Settings) -> SecretStr:
    """Return TRANSOM_SECRET_KEY, or the key kept in the data folder, which is made on first use (mode 0600).

    Processes that start together agree on one key. Raises SettingError if the folder cannot be written.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.data / _SECRET_FILE
    try:
        return SecretStr(_kept_key(path))
    except OSError as error:
        raise SettingError(
            f"The key that signs links cannot be kept in {path} ({error.strerror}). Make the folder writable, set"
            " TRANSOM_DATA to one that is, or set TRANSOM_SECRET_KEY."
        ) from error


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed, so that nobody reads half a key or makes a second one
        path.chmod(0o600)
        key = file.read().strip()
        if len(key) < SHORTEST_SECRET:  # new, or cut off by a crash
            key = secrets.token_urlsafe(32)
            file.seek(0)
            file.truncate()
            file.write(key)
        return key


class _Variables(EnvSettingsSource):
    """pydantic-settings' reading of prefixes and nesting, over variables we hand it instead of ``os.environ``."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(Settings)
        self.env_vars = {name.lower(): value for name, value in variables.items()}


def _path(given: Any, directory: Path, default: Path, name: str) -> Path:
    if given is None:
        return default
    try:
        return Path(os.path.abspath(directory / Path(given).expanduser()))  # noqa: PTH100 resolve() would follow links
    except (RuntimeError, ValueError) as error:
        raise SettingError(f'{PREFIX}{name} is "{given}", which is not a path of this machine ({error}).') from None


def _names() -> dict[str, Any]:
    """Map each variable's name to its field."""
    fields: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested = field.annotation.model_fields
            fields |= {f"{PREFIX}{name}__{inner}".upper(): info for inner, info in nested.items()}
        else:
            fields[str(field.validation_alias or PREFIX + name.upper())] = field
    return fields


def _unknown(variables: Iterable[str]) -> list[str]:
    known = _names()
    faults = []
    for name in sorted(variables):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper in known or upper in OF_THE_TESTS:
            continue
        near = get_close_matches(upper, known, n=1, cutoff=0.75)
        hint = f"did you mean {near[0]}?" if near else f"the settings are: {', '.join(sorted(known))}."
        faults.append(f"{name} is not a setting of Transom; {hint}")
    return faults


def _fault(detail: ErrorDetails, from_file: frozenset[str]) -> str:
    if not detail["loc"]:
        return str(detail["ctx"]["error"])
    name = "__".join(str(part) for part in detail["loc"]).upper()
    name = name if name in _names() else PREFIX + name
    field = _names()[name]
    secret = "SecretStr" in str(field.annotation) or "@" in str(detail["input"])  # an address may hold a password
    shown = "" if secret else f'is "{detail["input"]}", which '
    place = " (in .env)" if name in from_file else ""
    return f"{name}{place} {shown}{_trouble(detail)}; write it like  {name}={field.examples[0]}"


def _trouble(detail: ErrorDetails) -> str:
    sentences = {
        "value_error": "{error}",
        "int_parsing": "is not a whole number",
        "int_from_float": "is not a whole number",
        "float_parsing": "is not a number",
        "finite_number": "is not a number",
        "literal_error": "is none of {expected}",
        "greater_than_equal": "is below {ge}",
        "greater_than": "is not above {gt}",
        "less_than_equal": "is above {le}",
    }
    return sentences.get(detail["type"], "cannot be used").format(**detail.get("ctx", {}))
