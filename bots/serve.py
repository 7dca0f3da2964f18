"""The web process: gunicorn with threads, opened after the fork."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from bots.errors import SettingError

_WORKERS = 2
_THREADS = 16  # an answer that streams holds its thread
TRIED_PORTS = 20
_ADDRESS = "web_address"


def free_port(host: str, first: int, *, tried: int = TRIED_PORTS) -> int:
    """Return the first of ``tried`` ports from ``first`` on that nobody listens on. Raises SettingError if none is."""
    for port in range(first, first + tried):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    ports = f"Port {first} is" if tried == 1 else f"The ports {first} to {first + tried - 1} are"
    raise SettingError(f"{ports} taken on {host}. Stop what listens there, or set TRANSOM_PORT to a free one.")


def remember_address(data: Path, address: str) -> None:
    """Note where the web chat is served, for commands that print links to it."""
    data.mkdir(parents=True, exist_ok=True)
    (data / _ADDRESS).write_text(address, encoding="utf-8")


def last_address(data: Path) -> str | None:
    """Return where the web chat was last served, None if it never was."""
    path = data / _ADDRESS
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def serve(make_app: Callable[[], Flask], host: str, port: int) -> None:
    """Serve until stopped. ``make_app`` runs in each worker process, so that pools are opened after the fork."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{host}:{port}",
                "workers": _WORKERS,
                "threads": _THREADS,
                "worker_class": "gthread",
                "timeout": 120,
                "graceful_timeout": 20,
                "accesslog": None,  # addresses and paths are personal data
                "loglevel": "warning",
                "worker_tmp_dir": None,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return make_app()

    Server().run()
