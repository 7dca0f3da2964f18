"""The web process: gunicorn with threads, opened after the fork."""

import socket
from collections.abc import Callable
from typing import Any

from flask import Flask

from bots.errors import SettingError

_WORKERS = 2
_THREADS = 16  # an answer that streams holds its thread
_TRIED_PORTS = 20


def free_port(host: str, first: int) -> int:
    """Return the first port from ``first`` on that nobody listens on. Raises SettingError if there is none."""
    for port in range(first, first + _TRIED_PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise SettingError(
        f"No port from {first} to {first + _TRIED_PORTS - 1} is free on {host}. Set TRANSOM_PORT to another."
    )


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
