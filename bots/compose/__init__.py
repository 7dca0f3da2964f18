"""The one place that wires things: from settings to what the commands, the web and the worker need."""

from bots.compose.installation import Transom, opened, running, wired
from bots.compose.model import engine_options, served_name
from bots.compose.office import Office, clerk_of, socket_mode, web_app, worker
from bots.compose.trying import try_if_reachable, try_lookups

__all__ = [
    "Office",
    "Transom",
    "clerk_of",
    "engine_options",
    "opened",
    "running",
    "served_name",
    "socket_mode",
    "try_if_reachable",
    "try_lookups",
    "web_app",
    "wired",
    "worker",
]
