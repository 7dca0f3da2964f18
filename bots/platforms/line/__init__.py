"""LINE: reading its webhooks, writing its messages, delivering them once, setting an account up."""

from bots.platforms.line.courier import LineCourier
from bots.platforms.line.read import LineReader
from bots.platforms.line.setup import Finding, SetUpReport, check, set_up
from bots.platforms.line.webhook import LineWebhook

__all__ = ["Finding", "LineCourier", "LineReader", "LineWebhook", "SetUpReport", "check", "set_up"]
