"""What memory this machine has for a model: its own, and its GPUs'."""

import ctypes
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_CGROUP = Path("/sys/fs/cgroup")  # a container's share of the memory, where cgroup v2 sets one
_GPU = 1  # GGML_BACKEND_DEVICE_TYPE_GPU of ggml-backend.h: memory of its own, which an integrated one (2) has not
_PATIENCE_S = 10
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU; bytes."""

    name: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory in bytes. ``gpus_used`` is False where the installed llama-cpp-python was built without GPU support."""

    ram_bytes: int
    ram_free_bytes: int
    gpus: tuple[Gpu, ...] = ()
    gpus_used: bool = True


def this_machine() -> Machine:
    """Look at the machine we run on. Never fails: what cannot be asked is not there."""
    memory = psutil.virtual_memory()
    limit, free = container_share(_CGROUP)
    total, available = min(memory.total, limit or memory.total), memory.available
    gpus = _of_ggml()
    if gpus:
        return Machine(total, min(available, free or available), gpus)
    return Machine(total, min(available, free or available), _of_driver(), gpus_used=gpus is None)


def container_share(cgroup: Path) -> tuple[int | None, int | None]:
    """Return the container's limit and what is left of it, or None twice where there is none."""
    try:
        limit = int((cgroup / "memory.max").read_text())  # "max", which is no number: no limit
        taken = int((cgroup / "memory.current").read_text())
        lines = (cgroup / "memory.stat").read_text().splitlines()
    except (OSError, ValueError):
        return None, None
    cached = sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))  # given back when asked
    return limit, max(limit - taken + cached, 1)


def parse_driver(text: str) -> tuple[Gpu, ...]:
    """Read nvidia-smi's ``name, memory.total, memory.free`` in MiB; a line that is none is passed over."""
    found = []
    for line in text.splitlines():
        name, *numbers = (part.strip() for part in line.rsplit(",", 2))
        if len(numbers) == 2 and all(number.isdecimal() for number in numbers):
            total, free = (int(number) * _MIB for number in numbers)
            found.append(Gpu(name, total, free))
    return tuple(found)


def _of_driver() -> tuple[Gpu, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = ["--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        asked = subprocess.run([program, *query], capture_output=True, text=True, timeout=_PATIENCE_S, check=False)  # noqa: S603 fixed words
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_driver(asked.stdout) if asked.returncode == 0 else ()


def _of_ggml() -> tuple[Gpu, ...] | None:
    """Return the GPUs that llama-cpp-python computes on; None where it is not installed or cannot be asked."""
    try:
        from llama_cpp import _ggml

        library: Any = _ggml.libggml
        library.ggml_backend_dev_count.restype = ctypes.c_size_t
        count = library.ggml_backend_dev_count()
        library.ggml_backend_dev_get.restype = ctypes.c_void_p
        devices = [ctypes.c_void_p(library.ggml_backend_dev_get(ctypes.c_size_t(index))) for index in range(count)]
        return tuple(_gpu(library, device) for device in devices if library.ggml_backend_dev_type(device) == _GPU)
    except (ImportError, AttributeError, OSError, RuntimeError):  # not there, another version, or libraries amiss
        return None


def _gpu(library: Any, device: ctypes.c_void_p) -> Gpu:
    library.ggml_backend_dev_description.restype = ctypes.c_char_p
    name = library.ggml_backend_dev_description(device) or b"GPU"
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    library.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
    return Gpu(name.decode(errors="replace"), total.value, free.value)
