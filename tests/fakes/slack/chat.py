"""chat.*: messages that the app posts, changes, takes away and streams."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .blocks import problems_of_blocks
from .content import check_metadata, content_of, invalid_blocks, streamed_text, with_ids
from .descriptions import Descriptions, truth
from .records import Channel, Message, Session, SlackError, Violation, Workspace
from .shown import shown_message
from .state import State


@dataclass(frozen=True)
class Request:
    """One call to a method: who calls, with which arguments. ``app_level`` says that an app token was used."""

    state: State
    described: Descriptions
    method: str
    caller: Workspace
    args: Mapping[str, Any]
    app_level: bool = False

    def break_rule(self, error: str, *details: str) -> None:
        """Record a broken rule that Slack itself lets pass."""
        self.state.violations.append(Violation(self.method, error, details))


Answer = dict[str, Any]
Method = Callable[[Request], Answer]


def post_message(request: Request) -> Answer:
    channel = _writable(request)
    thread_ts = _thread(request, channel)
    content = content_of(request.state, request.described, request.method, request.args)
    message = _own(request, channel, thread_ts, **content)
    request.state.add_message(message)
    _clear_status(request, channel, thread_ts)
    return {"channel": channel.id, "ts": message.ts, "message": shown_message(request.state, message)}


def post_ephemeral(request: Request) -> Answer:
    channel = _writable(request)
    user = request.args["user"]
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(request.state, request.described, request.method, request.args)
    message = _own(request, channel, request.args.get("thread_ts"), **content, ephemeral_for=user)
    request.state.ephemerals.append(message)
    return {"message_ts": message.ts}


def update(request: Request) -> Answer:
    """Change an own message. Text without blocks takes the blocks away; metadata stays unless it is sent."""
    message = _own_message(request, "cant_update_message")
    if message.streaming:
        raise SlackError("streaming_state_conflict")
    content = content_of(request.state, request.described, request.method, request.args)
    if "blocks" not in content and content["text"]:
        content["blocks"] = ()
    content["text"] = content["text"] or message.text
    changed = request.state.change(message, **content, edited=request.state.ts())
    return {
        "channel": changed.channel,
        "ts": changed.ts,
        "text": changed.text,
        "message": shown_message(request.state, changed),
    }


def delete(request: Request) -> Answer:
    message = _own_message(request, "cant_delete_message")
    request.state.stream_starts.pop((message.team, message.channel, message.ts), None)
    request.state.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def start_stream(request: Request) -> Answer:
    channel = _writable(request)
    if channel.kind != "im":
        for name in ("recipient_user_id", "recipient_team_id"):
            if not request.args.get(name):
                raise SlackError(f"missing_{name}", violation=True)
    text, chunks = streamed_text(request.state, request.args)
    thread_ts = _thread(request, channel)
    message = _own(request, channel, thread_ts, text=text, chunks=chunks, streamed=True, streaming=True)
    request.state.add_message(message)
    request.state.stream_starts[message.team, message.channel, message.ts] = request.state.clock()
    _clear_status(request, channel, thread_ts)
    return {"channel": channel.id, "ts": message.ts}


def append_stream(request: Request) -> Answer:
    message = _streaming(request)
    text, chunks = streamed_text(request.state, request.args)
    if not text and not chunks:
        raise SlackError("no_text", violation=True)
    request.state.change(message, text=message.text + text, chunks=message.chunks + chunks)
    return {"channel": message.channel, "ts": message.ts}


def stop_stream(request: Request) -> Answer:
    message = _streaming(request)
    text, chunks = streamed_text(request.state, request.args)
    changes: dict[str, Any] = {"text": message.text + text, "chunks": message.chunks + chunks, "streaming": False}
    blocks = request.args.get("blocks")
    if request.state.strict:
        check_metadata(request.args)
        problems = problems_of_blocks(blocks) if blocks else []
        if problems:
            raise invalid_blocks("invalid_blocks", problems)
    if blocks:
        changes["blocks"] = with_ids(request.state, blocks)
    if request.args.get("metadata"):
        changes["metadata"] = request.args["metadata"]
    changed = request.state.change(message, **changes)
    request.state.stream_starts.pop((message.team, message.channel, message.ts), None)
    return {"channel": message.channel, "ts": message.ts, "message": shown_message(request.state, changed)}


def permalink(request: Request) -> Answer:
    found = request.state.message(request.caller.team, request.args["channel"], request.args["message_ts"])
    place = f"{found.channel}/p{found.ts.replace('.', '')}"
    return {"channel": found.channel, "permalink": f"https://{request.caller.domain}.slack.com/archives/{place}"}


METHODS: dict[str, Method] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.startStream": start_stream,
    "chat.appendStream": append_stream,
    "chat.stopStream": stop_stream,
    "chat.getPermalink": permalink,
}


def _writable(request: Request) -> Channel:
    team, name, bot = request.caller.team, request.args["channel"], request.caller.bot_user
    if (team, name) in request.state.users:
        return request.state.open_im(team, name)
    channel = request.state.channel(team, name)
    if bot not in channel.members:
        raise SlackError("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    if channel.archived:
        raise SlackError("is_archived")
    return channel


def _thread(request: Request, channel: Channel) -> str | None:
    """Return the root that a reply goes below; None, too, if the root has been deleted, as Slack then un-threads it."""
    state = request.state
    thread_ts: str | None = request.args.get("thread_ts")
    if not thread_ts:
        return None
    key = (channel.team, channel.id, thread_ts)
    root = state.messages.get(key)
    if root is not None:
        if root.thread_ts and root.thread_ts != thread_ts:
            request.break_rule("thread_ts_of_a_reply", thread_ts)
            return root.thread_ts
        return thread_ts
    if key not in state.deleted:
        request.break_rule("thread_ts_of_no_message", thread_ts)
    if state.orphan_replies == "thread_not_found":
        raise SlackError("thread_not_found")
    return None


def _own(request: Request, channel: Channel, thread_ts: str | None, **fields: Any) -> Message:
    caller, ts = request.caller, request.state.ts()
    return Message(caller.team, channel.id, ts, caller.bot_user, thread_ts=thread_ts, bot_id=caller.bot_id, **fields)


def _own_message(request: Request, refusal: str) -> Message:
    request.state.channel(request.caller.team, request.args["channel"])
    message = request.state.message(request.caller.team, request.args["channel"], request.args["ts"])
    if message.bot_id != request.caller.bot_id or truth(request.args.get("as_user")):
        raise SlackError(refusal)
    return message


def _streaming(request: Request) -> Message:
    message = _own_message(request, "message_not_owned_by_app")
    if not message.streaming:
        raise SlackError("message_not_in_streaming_state")
    return message


def _clear_status(request: Request, channel: Channel, thread_ts: str | None) -> None:
    key = (channel.team, channel.id, thread_ts or "")
    session = request.state.assistant_threads.get(key)
    if session:  # Slack takes the status away with the next message
        request.state.assistant_threads[key] = Session("", session.title, session.prompts)
