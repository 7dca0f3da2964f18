"""A stateful fake of Slack: its Web API, Socket Mode, response URLs and file downloads, and the requests it sends."""

from .faults import Fault, Faults
from .records import Call, Channel, File, Message, SlackError, User, View, Violation, Workspace
from .sending import Answer, Delivery, send, signed
from .server import SlackServer, slack_server

__all__ = [
    "Answer",
    "Call",
    "Channel",
    "Delivery",
    "Fault",
    "Faults",
    "File",
    "Message",
    "SlackError",
    "SlackServer",
    "User",
    "View",
    "Violation",
    "Workspace",
    "send",
    "signed",
    "slack_server",
]
