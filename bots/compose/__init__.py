"""The one place that wires things: from settings to what the commands, the web and the worker need."""

from bots.compose.installation import Transom, opened, running, wired
from bots.compose.office import Office, socket_mode, web_app, worker

__all__ = ["Office", "Transom", "opened", "running", "socket_mode", "web_app", "wired", "worker"]
