"""A model that loads in the background while its server already says so."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Literal

import structlog

from rag_core.errors import RagError
from rag_core.models.llama.chat import Chat
from rag_core.models.llama.engine import Engine
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.request import Broken, EngineError
from rag_core.models.llama.runtime import Runtime, offloads

log = structlog.get_logger()

State = Literal["loading", "ok", "failed"]


class Loading(EngineError):
    """The model is not there yet."""

    code = "model_loading"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to write."""

    runtime: Runtime
    engine: Engine
    chat: Chat

    def close(self) -> None:
        """Stop writing and give the memory back."""
        self.engine.stop()
        self.runtime.close()


class Model:
    """Loads when told to. ``on_failure`` is called with what went wrong, and whether it had been loaded before."""

    def __init__(self, options: EngineOptions, name: str, on_failure: Callable[[RagError, bool], None]) -> None:
        self.options, self.name, self._on_failure = options, name, on_failure
        self._loaded: Loaded | None = None
        self.state: State = "loading"

    def start(self, told: Callable[[str], None]) -> None:
        """Begin to load; ``told`` is called with the start-up line once it is there."""
        Thread(target=self._load, args=[told], name="transom-load", daemon=True).start()

    def ready(self) -> Loaded:
        """Return the loaded model. Raises Loading or Broken."""
        if self.state == "failed":
            raise Broken("The model failed; its process starts again.")
        if self._loaded is None:
            raise Loading("The model is still being loaded.")
        return self._loaded

    def _load(self, told: Callable[[str], None]) -> None:
        try:
            self._loaded = load(self.options, self._broke)
        except RagError as error:
            self._fail(error, loaded=False)
            return
        except Exception as error:  # a thread that ends in silence would leave it loading for ever
            self._fail(Broken(f"The model could not be loaded ({type(error).__name__})."), loaded=False)
            return
        self.state = "ok"
        told(start_up_line(self._loaded.runtime, self.options))

    def _broke(self) -> None:
        self._fail(Broken("The model failed while it was writing."), loaded=True)

    def _fail(self, error: RagError, *, loaded: bool) -> None:
        self.state = "failed"
        self._on_failure(error, loaded)


def load(options: EngineOptions, on_failure: Callable[[], None] = lambda: None) -> Loaded:
    """Return the model, loaded. Raises ConfigurationError or Broken."""
    runtime = Runtime(options)
    return Loaded(runtime, Engine(runtime, options, on_failure), Chat(runtime, options))


def start_up_line(runtime: Runtime, options: EngineOptions) -> str:
    """Return one line that says what runs where, and how much at once."""
    layers = runtime.layers + 1  # with the output's
    on_gpu = min(layers, options.gpu_layers if options.gpu_layers >= 0 else layers) if offloads() else 0
    place = f"{on_gpu} of {layers} layers on the GPU" if on_gpu else "on the processor"
    name = runtime.meta("general.name") or options.model.stem
    size = f"{runtime.parameters / 1e9:.1f} billion parameters, {runtime.weights / 2**30:.1f} GiB"
    room = f"{options.sequences} answers at once in {runtime.context} tokens of {options.kv_type} cache"
    return f"ready: {name} ({size}) {place}; {room}; flash attention {options.flash_attention}"
