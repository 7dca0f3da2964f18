"""The fake Slack as a test holds it: its address, its state, its faults, and the gestures of its people."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import Any, Literal

from .descriptions import Descriptions, read_descriptions
from .events import Events
from .faults import CHAOS, Faults, Kind, Pace
from .http_handler import Handler, HttpServer
from .interactions import Interactions
from .records import Call, Channel, File, Message, User, View, Violation, Workspace
from .sending import Answer, Delivery, send
from .socket_mode import SocketHub, envelope
from .state import State
from .views import apply_answer

Phase = Literal["before", "after"]
CallHook = Callable[[str, Mapping[str, Any], Phase], None]


@dataclass
class SlackServer:
    """``api_url`` is WebClient's base_url. ``on_call`` is called outside of every lock, so it may wait or kill."""

    state: State
    described: Descriptions
    faults: Faults = field(default_factory=Faults)
    pace: Pace = field(default_factory=Pace)
    sockets: SocketHub = field(default_factory=SocketHub)
    calls: list[Call] = field(default_factory=list)
    on_call: CallHook | None = None

    @property
    def api_url(self) -> str:
        return f"{self.state.base_url}/api/"

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return all messages but ephemeral and deleted ones, as they are now, in the order of their first writing."""
        with self.state.lock:
            self.state.end_dead_streams()
            return tuple(self.state.messages.values())

    @property
    def ephemerals(self) -> tuple[Message, ...]:
        return tuple(self.state.ephemerals)

    @property
    def views(self) -> tuple[View, ...]:
        """Return the open modals and published home tabs, oldest first."""
        with self.state.lock:
            return tuple(self.state.views.values())

    @property
    def violations(self) -> list[Violation]:
        """Return the rules broken so far; clear() forgets them."""
        return self.state.violations

    @property
    def events(self) -> Events:
        return Events(self.state)

    @property
    def interactions(self) -> Interactions:
        return Interactions(self.state)

    def messages_of_bot(self, channel: str | None = None, team: str | None = None) -> list[Message]:
        """Return the app's own messages, of one channel or team if named."""
        return [m for m in self.messages if m.bot_id and channel in (None, m.channel) and team in (None, m.team)]

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in list(self.calls) if call.method == method]

    def chaos(self, rate: float, seed: int, kinds: Iterable[Kind] = CHAOS) -> None:
        """Let a part of all requests meet a random fault; rate 0 ends it."""
        self.faults.chaos(rate, seed, tuple(kinds))

    def rate_limit(self, times: int, retry_after: int = 1, method: str = "*") -> None:
        """Answer the next ``times`` matching calls with 429."""
        self.faults.add(method, "rate_limited", times, retry_after=retry_after)

    def add_workspace(
        self, team: str, *, name: str = "", scopes: Iterable[str] | None = None, **given: str
    ) -> Workspace:
        """Install the app in a team; tokens, secret and ids may be given, else they are made from the team's id."""
        number = team.removeprefix("T")
        made = {
            "bot_token": f"xoxb-{team}",
            "app_token": f"xapp-1-{team}",
            "bot_user": f"UBOT{number}",
            "bot_id": f"B{number}",
            "app_id": "A0000000001",
            "signing_secret": f"secret-of-{team}",
        }
        kept = frozenset(scopes) if scopes is not None else None
        workspace = Workspace(team, name or team.lower(), team.lower(), **(made | given), scopes=kept)
        with self.state.lock:
            self.state.workspaces[team] = workspace
        self.add_user(team, workspace.bot_user, name="transom", bot=True)
        return workspace

    def add_user(
        self, team: str, user: str, *, email: str | None = None, guest: bool | str = False, **given: Any
    ) -> User:
        """Add or replace a person. ``guest`` is True or "multi", or "single"; further fields are User's."""
        name = given.pop("name", user.lower())
        kind = "multi" if guest is True else guest or ""
        person = User(team, user, name, given.pop("real_name", name.title()), email, guest=kind, **given)
        with self.state.lock:
            self.state.users[team, user] = person
        return person

    def add_channel(
        self,
        team: str,
        channel: str,
        name: str = "",
        members: Iterable[str] = (),
        *,
        kind: str = "",
        is_im: bool = False,
        is_private: bool = False,
        is_mpim: bool = False,
        bot: bool = True,
        **given: Any,
    ) -> Channel:
        """Add or replace a conversation; the app's bot is a member unless ``bot`` is false."""
        kind = kind or ("im" if is_im else "mpim" if is_mpim else "group" if is_private else "channel")
        people = dict.fromkeys([*members, *([self.state.workspaces[team].bot_user] if bot else [])])
        added = Channel(team, channel, name or channel.lower(), kind, tuple(people), **given)
        with self.state.lock:
            self.state.channels[team, channel] = added
        return added

    def set_members(self, team: str, channel: str, members: Iterable[str]) -> Channel:
        """Let a conversation have exactly these members, the bot only if it is among them."""
        with self.state.lock:
            changed = replace(self.state.channel(team, channel), members=tuple(members))
            self.state.channels[team, channel] = changed
        return changed

    def add_file(
        self, team: str, name: str, content: bytes, user: str, mimetype: str = "application/octet-stream"
    ) -> File:
        with self.state.lock:
            file = File(team, self.state.new_id("F"), name, content, mimetype, user)
            self.state.files[file.id] = file
        return file

    def send(self, url: str, delivery: Delivery, **how: Any) -> Answer:
        """Post a delivery to the product; an answer to a submitted view is applied to the fake's open views."""
        answer = send(url, delivery, **how)
        view = self.state.views.get(delivery.view)
        if view and answer.status == 200:
            with self.state.lock:
                apply_answer(self.state, view, answer.body)
        return answer

    def send_by_socket(self, delivery: Delivery, *, retry_num: int | None = None, retry_reason: str = "") -> str:
        """Send a delivery through Socket Mode and return its envelope's id, for ``sockets.wait_for_ack``."""
        wrapped = envelope(delivery.socket_type, delivery.payload, retry_num, retry_reason)
        self.sockets.send(self.state.workspaces[delivery.team].app_token, wrapped)
        return str(wrapped["envelope_id"])

    def notify(self, call: Call, phase: Phase) -> None:
        if self.on_call:
            self.on_call(call.method, call.args, phase)


@contextmanager
def slack_server(
    methods_path: Path, *, port: int = 0, strict: bool = True, message_every_s: float | None = None, **state: Any
) -> Iterator[SlackServer]:
    """Yield a fake Slack on this machine. ``strict=False`` skips the checks of arguments and blocks.

    ``methods_path`` is the folder of Slack's descriptions; ``message_every_s`` limits messages a channel; ``state``
    sets fields of State: clock, stream_life_s, trigger_life_s, response_url_life_s, orphan_replies.
    """
    http = HttpServer(("127.0.0.1", port), Handler)
    base_url = f"http://127.0.0.1:{http.server_port}"
    slack = SlackServer(
        State(base_url, strict=strict, **state), read_descriptions(methods_path), pace=Pace(message_every_s)
    )
    http.slack = slack
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield slack
    finally:
        slack.sockets.close()
        http.shutdown()
        thread.join()
        http.server_close()
