"""Slack: events in, by HTTP or Socket Mode, and replies out, each once."""

from bots.platforms.slack.check import Finding, check
from bots.platforms.slack.courier import SlackCourier
from bots.platforms.slack.manifest import manifest
from bots.platforms.slack.read import SlackReader
from bots.platforms.slack.receive import Answer, SlackEvents
from bots.platforms.slack.socket import run_socket_mode

__all__ = [
    "Answer",
    "Finding",
    "SlackCourier",
    "SlackEvents",
    "SlackReader",
    "check",
    "manifest",
    "run_socket_mode",
]
