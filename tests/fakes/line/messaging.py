"""Reply, push, multicast, their quota, and the validation endpoints."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fakes.line.ids import is_chat_id, is_user_id
from fakes.line.records import Answer, Call, Delivered, LoadingShown, Problem, RefusedError
from fakes.line.state import RETRY_KEY_LIFE_S, Accepted, Account, next_id

if TYPE_CHECKING:
    from fakes.line.server import LineServer

RETRY_KEY = "x-line-retry-key"
_QUOTABLE = frozenset({"text", "textV2", "sticker", "image", "video", "template"})


def reply(server: "LineServer", account: Account, call: Call) -> Answer:
    """Deliver to the chat of the reply token, once."""
    if RETRY_KEY in call.headers:
        raise RefusedError(400, "The retry key can't be used with this endpoint", is_violation=True)
    token = call.json["replyToken"]
    known = account.reply_tokens.get(token)
    if known is not None:
        _check_quotes(account, known.to, call.json["messages"])
    to = account.use_reply_token(token, server.clock())
    return Answer(body={"sentMessages": _deliver(server, account, call, [to], "reply")})


def push(server: "LineServer", account: Account, call: Call) -> Answer:
    """Deliver to a user, group or room; the same retry key never delivers twice."""
    to = call.json["to"]
    if not is_chat_id(to):
        raise RefusedError(400, "The property, 'to', in the request body is invalid", is_violation=True)
    _refuse_repeat(server, account, call)
    if not is_user_id(to) and to not in account.groups:
        raise RefusedError(400, "Failed to send messages")
    _check_quotes(account, to, call.json["messages"])
    account.spend(0 if to in server.blocked else account.size_of(to))
    sent = _deliver(server, account, call, [to], "push")
    _accept(server, account, call, sent)
    return Answer(body={"sentMessages": sent})


def multicast(server: "LineServer", account: Account, call: Call) -> Answer:
    """Deliver to many users; a wrong id among them refuses all."""
    people = list(dict.fromkeys(call.json["to"]))
    wrong = tuple(Problem("Invalid user id", f"to[{n}]") for n, person in enumerate(people) if not is_user_id(person))
    if wrong:
        raise RefusedError(400, "The property, 'to', in the request body is invalid", wrong, is_violation=True)
    _refuse_repeat(server, account, call)
    account.spend(sum(person not in server.blocked for person in people))
    _deliver(server, account, call, people, "multicast")
    _accept(server, account, call, [])
    return Answer()


def validate(server: "LineServer", account: Account, call: Call) -> Answer:
    """Say that the messages are fine; what is not fine was refused before."""
    return Answer()


def quota(server: "LineServer", account: Account, call: Call) -> Answer:
    """Return the month's limit."""
    if account.monthly_limit is None:
        return Answer(body={"type": "none"})
    return Answer(body={"type": "limited", "value": account.monthly_limit})


def consumption(server: "LineServer", account: Account, call: Call) -> Answer:
    """Return how many messages the month has cost."""
    return Answer(body={"totalUsage": account.consumed})


def show_loading(server: "LineServer", account: Account, call: Call) -> Answer:
    """Show the loading animation in a one-to-one chat."""
    chat = call.json["chatId"]
    if not is_user_id(chat):
        problem = Problem("Must be the id of a user", "chatId")
        raise RefusedError(400, "The request body has 1 error(s)", (problem,), is_violation=True)
    shown = LoadingShown(account.channel.name, chat, call.json.get("loadingSeconds", 20), server.clock())
    server.loading.append(shown)
    return Answer(202)


def _deliver(
    server: "LineServer", account: Account, call: Call, people: Sequence[str], via: str
) -> list[dict[str, str]]:
    """Put the messages into every chat that can be reached; return what LINE says was sent to the last."""
    messages: tuple[dict[str, Any], ...] = tuple(call.json["messages"])
    sent: list[dict[str, str]] = []
    for to in people:
        sent = [_sent(account, to, message) for message in messages]
        if to not in server.blocked:
            server.delivered.append(
                Delivered(
                    channel=account.channel.name,
                    to=to,
                    via=via,
                    messages=messages,
                    request_id=call.request_id,
                    at=server.clock(),
                    message_ids=tuple(one["id"] for one in sent),
                    reply_token=call.json.get("replyToken"),
                    retry_key=call.headers.get(RETRY_KEY),
                )
            )
    return sent


def _sent(account: Account, to: str, message: dict[str, Any]) -> dict[str, str]:
    quote = {"quoteToken": account.new_quote_token(to)} if message["type"] in _QUOTABLE else {}
    return {"id": next_id(), **quote}


def _check_quotes(account: Account, chat: str, messages: Sequence[dict[str, Any]]) -> None:
    for number, message in enumerate(messages):
        if "quoteToken" in message and account.quote_tokens.get(message["quoteToken"]) != chat:
            problem = Problem("Invalid quote token", f"messages[{number}].quoteToken")
            raise RefusedError(400, "The request body has 1 error(s)", (problem,), is_violation=True)


def _refuse_repeat(server: "LineServer", account: Account, call: Call) -> None:
    key = call.headers.get(RETRY_KEY)
    if key is None:
        return
    if not _is_uuid(key):
        raise RefusedError(400, "The 'X-Line-Retry-Key' header is invalid", is_violation=True)
    before = account.accepted.get(key.lower())
    if before is None or server.clock() - before.at >= RETRY_KEY_LIFE_S:
        return
    raise RefusedError(
        409,
        "The retry key is already accepted",
        is_violation=(before.path, before.body) != (call.path, call.json),  # a retry is the identical request
        more={"sentMessages": list(before.sent)} if before.sent else None,
        headers={"x-line-accepted-request-id": before.request_id},
    )


def _accept(server: "LineServer", account: Account, call: Call, sent: Sequence[dict[str, str]]) -> None:
    key = call.headers.get(RETRY_KEY)
    if key is not None:
        accepted = Accepted(call.request_id, call.path, call.json, tuple(sent), server.clock())
        account.accepted[key.lower()] = accepted


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
