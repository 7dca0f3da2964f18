"""A stateful fake of LINE's Messaging API: what LINE keeps, refuses, counts and forgets, on a port of this machine."""

from fakes.line.client import Answered, ask
from fakes.line.events import Events, in_group, in_room, mention, of_user, redelivered
from fakes.line.faults import (
    DROP_AFTER,
    DROP_BEFORE,
    FAIL_AFTER,
    FAIL_BEFORE,
    RATE_LIMITED,
    Fault,
    answers_late,
    delayed,
)
from fakes.line.ids import group_id, room_id, user_id
from fakes.line.records import Channel, Delivered, LoadingShown, Problem, Request, Violation
from fakes.line.server import LineServer, line_server
from fakes.line.webhooks import send_webhook, signed, webhook_body

__all__ = [
    "DROP_AFTER",
    "DROP_BEFORE",
    "FAIL_AFTER",
    "FAIL_BEFORE",
    "RATE_LIMITED",
    "Answered",
    "Channel",
    "Delivered",
    "Events",
    "Fault",
    "LineServer",
    "LoadingShown",
    "Problem",
    "Request",
    "Violation",
    "answers_late",
    "ask",
    "delayed",
    "group_id",
    "in_group",
    "in_room",
    "line_server",
    "mention",
    "of_user",
    "redelivered",
    "room_id",
    "send_webhook",
    "signed",
    "user_id",
    "webhook_body",
]
