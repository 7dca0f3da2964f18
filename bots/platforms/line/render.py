"""A Reply as LINE messages: text, tables, cards, one quiet card with title, sources and notice, and at last buttons.

Plain text stays plain text, so that people can copy it and LINE makes telephone numbers and addresses tappable. A
form is asked for in the conversation, where the choices lead: LINE has nothing to fill in.
"""

import re
from typing import Any, Final

from bots.messages import Choice, Links, Reply
from bots.platforms.line.actions import action_of, is_openable
from bots.platforms.line.flex import BUTTONS, button_message, card_messages, foot_message, is_decision
from bots.platforms.line.splitting import ELLIPSIS, clean, shorten, split
from bots.platforms.line.tables import table_lines, table_message
from bots.platforms.line.texts import TEXTS

MESSAGES: Final = 5
TEXT: Final = 5_000
QUICK_REPLIES: Final = 13
_CARD_MESSAGES: Final = 2  # at most
_TITLE: Final = 60

Message = dict[str, Any]


def render(reply: Reply, links: Links, delivery: str = "") -> list[Message]:
    """Return one to five message objects of the Messaging API.

    Deterministic: the same reply gives the same messages, which a repeated push has to have. A text of more than
    fits ends with "…" and, where there is one, a link to the whole.
    """
    foot, table, buttons = foot_message(reply, links), table_message(reply), button_message(reply)
    text = _whole_text(reply, has_table=table is not None)
    others = sum(one is not None for one in (foot, table, buttons)) + bool(text)
    cards = card_messages(reply, links, min(_CARD_MESSAGES, MESSAGES - others))
    shown = [one for one in (table, *cards, foot, buttons) if one]
    messages = [*_text_messages(text, reply, links, MESSAGES - len(shown), has_foot=foot is not None), *shown]
    if not messages:
        messages = [_text(TEXTS[reply.language]["nothing"])]
    taps = _quick_replies(reply, delivery)
    if taps:  # LINE shows those of the last message only
        messages[-1] = {**messages[-1], "quickReply": {"items": taps}}
    return messages


def _whole_text(reply: Reply, *, has_table: bool) -> str:
    """Return the reply's text, with its tables as lines below where they are too large to be shown as such."""
    lines = "" if has_table else table_lines(reply)
    return "\n\n".join(part for part in (clean(reply.text).strip(), lines) if part)


def _text_messages(text: str, reply: Reply, links: Links, room: int, *, has_foot: bool) -> list[Message]:
    if not text:
        return []
    parts, rest = split(_heading(reply, has_foot=has_foot) + text, TEXT, room)
    if rest:
        parts[-1] = _shortened(parts[-1], reply, links)
    return [_text(part) for part in parts if part.strip()]


def _heading(reply: Reply, *, has_foot: bool) -> str:
    title = shorten(re.sub(r"\s+", " ", clean(reply.window)).strip(), _TITLE)
    return "" if has_foot or not title else TEXTS[reply.language]["title"].format(title=title)


def _shortened(part: str, reply: Reply, links: Links) -> str:
    ending = ELLIPSIS
    if is_openable(links.answer):
        ending += "\n\n" + TEXTS[reply.language]["full"].format(url=links.answer)
    return shorten(part + ELLIPSIS * TEXT, TEXT, ending)


def _quick_replies(reply: Reply, delivery: str) -> list[dict[str, Any]]:
    texts = TEXTS[reply.language]
    tapped = reply.choices[BUTTONS:] if is_decision(reply) else reply.choices
    choices = [*tapped, *(Choice(question, say=question) for question in reply.suggestions)]
    feedback = [
        Choice(texts["helpful"], data=f"up:{delivery}"),
        Choice(texts["not_helpful"], data=f"down:{delivery}"),
    ]
    ends = feedback if reply.feedback and delivery else []
    actions = [action for action in map(action_of, choices) if action][: QUICK_REPLIES - len(ends)]
    return [
        {"type": "action", "action": action} for action in (*actions, *filter(None, map(action_of, ends))) if action
    ]


def _text(text: str) -> Message:
    return {"type": "text", "text": text}
