"""Handles one event: finds out who says it, decides what it is, and returns what to say. The worker commits that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bots.conversations import commands, menus, store
from bots.conversations.answering import Asker, Asking, Show
from bots.conversations.handled import AccountWindows, Handled, Here, Offer
from bots.conversations.inbox import store as inbox
from bots.conversations.modes import Modes
from bots.conversations.people import binding
from bots.conversations.people import store as people
from bots.conversations.people.viewers import Viewer, Viewers
from bots.conversations.routing import usable
from bots.conversations.texts import language_spoken, say
from bots.conversations.tour import abilities
from bots.conversations.turns import store as turns
from bots.conversations.turns.store import NewTurn
from bots.messages import InboundEvent, Kind, Language, Reply
from bots.windows.model import Window
from rag_core.database import Database

_REMEMBERED = 5
_LONGEST = 2_000  # characters of a message that are answered

Fetch = Callable[[InboundEvent], bytes | None]


class Handler:
    """Decides what an event gets."""

    def __init__(  # noqa: PLR0913 wired in one place
        self,
        database: Database,
        windows: Sequence[Window],
        accounts: Mapping[tuple[str, str], AccountWindows],
        viewers: Viewers,
        asker: Asker,
        fetch: Fetch,
        company_name: str,
        modes: Modes = Modes(),  # noqa: B008 frozen
    ) -> None:
        self._database, self._viewers, self._asker, self._fetch = database, viewers, asker, fetch
        self._windows = {window.name: window for window in windows}
        self._accounts, self._company, self._modes = accounts, company_name, modes

    def handle(self, event: InboundEvent, show: Show) -> Handled:
        """Return what the event gets. Raises DatabaseUnavailable; then it is handled again later."""
        here = self._here(event)
        handled = self._handled(here, show)
        besides = tuple(effect for asked in self._modes.after for effect in asked(here))
        return replace(handled, effects=(*handled.effects, *besides)) if besides else handled

    def _handled(self, here: Here, show: Show) -> Handled:
        match here.event.kind:
            case Kind.MESSAGE | Kind.EDIT | Kind.FILE | Kind.STICKER:
                return self._said_something(here, show)
            case Kind.POSTBACK:
                return self._tap(here, show)
            case Kind.FEEDBACK:
                return self._feedback(here)
            case Kind.SUBMIT:
                return self._modes.submit(here) if self._modes.submit else Handled(here.viewer)
            case Kind.NOTICE:
                return self._notice(here)
            case _:
                return self._came_or_went(here)

    def _said_something(self, here: Here, show: Show) -> Handled:
        match here.event.kind:
            case Kind.EDIT:
                return self._edit(here, show)
            case Kind.FILE:
                return self._file(here)
            case Kind.STICKER:
                return Handled(here.viewer, self._said(here, "sticker") if here.event.place.direct else None)
            case _:
                return self._message(here, show)

    def _came_or_went(self, here: Here) -> Handled:
        match here.event.kind:
            case Kind.FOLLOW:
                return self._follow(here)
            case Kind.JOIN:
                return Handled(here.viewer, self._said(here, "joined", company=self._company))
            case Kind.UNFOLLOW | Kind.LEAVE:
                return self._leave(here)
            case Kind.HOME:
                return Handled(here.viewer, menus.home(here.windows, here.language, self._company), home=True)
            case _:
                return Handled(here.viewer)

    def _here(self, event: InboundEvent) -> Here:
        viewer = self._viewers.of_event(event)
        place = event.place
        account = self._accounts.get((place.platform, place.account), AccountWindows(()))
        found = usable(self._windows, account.names, viewer.groups, viewer.windows)
        return Here(event, viewer, tuple(found), _language(event, viewer), account.default)

    # --- messages ---

    def _message(self, here: Here, show: Show) -> Handled:
        event = here.event
        if not self._addressed(here):
            self._overheard(here)
            return Handled(here.viewer)
        text = event.text.strip()
        if handled := self._command(here, text):
            return handled
        if not text:
            return Handled(here.viewer, self._said(here, "no_text"))
        if len(text) > _LONGEST:
            return Handled(here.viewer, self._said(here, "too_long"))
        return self._mode(here) or self._reminded(here, self._ask(here, text, show))

    def _reminded(self, here: Here, handled: Handled) -> Handled:
        """Add the taps that lead back to what was begun."""
        back = tuple(choice for reminds in self._modes.reminders for choice in reminds(here))
        if not back or handled.reply is None:
            return handled
        return replace(handled, reply=replace(handled.reply, choices=(*back, *handled.reply.choices)))

    def _mode(self, here: Here) -> Handled | None:
        """Go on with what was begun, or begin what the message asks for; None: it is a question."""
        if here.event.place.platform == "api":  # a system asks questions; nobody there fills anything in
            return None
        for goes_on in self._modes.in_progress:
            if handled := goes_on(here):
                return handled
        found = self._modes.recognise(here)
        if found.sure:
            begun = self._modes.begins[found.sure.kind](here, found.sure)
            return self._reminded(here, begun) if found.sure.kind == "lookup" else begun
        return Handled(here.viewer, menus.did_you_mean(here.windows, found.near, here.language)) if found.near else None

    def _notice(self, here: Here) -> Handled:
        """Tell what is due. One that nobody tells any more (its window is gone, say) says nothing."""
        action, _, value = here.event.data.partition("=")
        tells = self._modes.notices.get(action)
        return _kept_while_parked(here, tells(here, value)) if tells else Handled(here.viewer)

    def _addressed(self, here: Here) -> bool:
        """Return whether we are meant: spoken to, alone with the person, or in a thread where we have spoken."""
        event = here.event
        if event.place.direct or event.addressed:
            return True
        if not event.place.thread or event.place.platform != "slack":
            return False
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            return turns.has_any(viewer, event.place.conversation)

    def _overheard(self, here: Here) -> None:
        """Say nothing. But a bind code that a whole group has read is void, whoever it was written to."""
        code = binding.looks_like_code(here.event.text)
        if code:
            with self._database.application() as connection:
                binding.end_code(connection, code)

    def _ask(self, here: Here, text: str, show: Show, named: str = "") -> Handled:
        event, viewer = here.event, here.viewer
        if not here.windows:
            key = "nothing_here" if event.place.direct else "channel_unknown"
            return Handled(viewer, self._said(here, key))
        with self._database.viewer(viewer.groups, viewer.reader) as connection:
            history = turns.recall(connection, event.place.conversation, _REMEMBERED)
            chosen = store.chosen_window(connection.connection, event.place.conversation)
        asking = Asking(
            text,
            viewer,
            here.windows,
            here.language,
            tuple(history),
            named=named or event.window,
            chosen=chosen,
            default=here.default,
        )
        answered = self._asker.answer(asking, show)
        if answered is None:
            return Handled(viewer, self._said(here, "not_served"))
        reply = answered.reply
        if reply.refused and event.place.platform == "line" and viewer.person is None and self._has_more(here):
            hint = "bind_hint" if event.place.direct else "group_hint"
            reply = replace(reply, notice=self._sentence(here, hint))
        if named and not event.window:  # asked again in another window: the other taps still help
            reply = replace(reply, choices=menus.switches(here.windows, answered.window, here.language))
        return Handled(viewer, reply, answered.turns, answered.window)

    def _has_more(self, here: Here) -> bool:
        """Return whether the account serves windows that are not open here."""
        place = here.event.place
        served = self._accounts.get((place.platform, place.account), AccountWindows(())).names
        return len([name for name in served if name in self._windows]) > len(here.windows)

    def _edit(self, here: Here, show: Show) -> Handled:
        """Answer what a message says now, if it is addressed to us or we answered what it said before."""
        event = here.event
        with self._database.application() as connection:
            known = inbox.answered(connection, event)
        return self._message(replace(here, event=replace(event, addressed=event.addressed or known)), show)

    # --- commands and taps ---

    def _command(self, here: Here, text: str) -> Handled | None:
        command = commands.read(text)
        if does := self._modes.words.get(command or ""):
            return does(here)
        if command == "cancel":
            ends = (handled for cancels in self._modes.cancels if (handled := cancels(here)))
            return next(ends, None) or Handled(here.viewer, self._said(here, "nothing_begun"))
        if here.event.groups is not None:  # a page has buttons for the others
            return self._on_a_page(here, command)
        return self._code(here, text) if command is None else self._own_command(here, command)

    def _on_a_page(self, here: Here, command: str | None) -> Handled | None:
        """Return what is said to a greeting, to thanks, and to who asks what the window can do."""
        window = next((one for one in here.windows if one.name == here.event.window), None)
        if here.event.place.platform != "web" or window is None:
            return None
        if command == "thanks":
            return Handled(here.viewer, self._said(here, "welcome"))
        if command != "menu":
            return None
        known = here.viewer.person is not None
        return Handled(here.viewer, abilities(window, here.viewer.groups, here.language, known=known))

    def _own_command(self, here: Here, command: str) -> Handled | None:
        match command:
            case "menu":
                return self._menu(here)
            case "thanks" | "new":
                new = command == "new"
                return Handled(here.viewer, self._said(here, "begun" if new else "welcome"), begin=new)
            case "bind":
                return self._bind(here)
            case "unbind":
                return self._unbind(here)
        return None

    def _code(self, here: Here, text: str) -> Handled | None:
        """Take a bind code. In a group it is void, for everyone there has read it."""
        code = binding.looks_like_code(text)
        place = here.event.place
        if code is None:
            return None
        here = replace(here, language=here.viewer.language or "zh-TW")  # a code is in no language
        with self._database.application() as connection:
            if not place.direct:
                binding.end_code(connection, code)
                return Handled(here.viewer, self._said(here, "bind_group"))
            try:
                person = binding.bind_by_code(connection, place.platform, place.account, here.event.sender, code)
            except binding.TooManyAttempts:
                return Handled(here.viewer, self._said(here, "bind_too_many"))
        if person is None:
            return Handled(here.viewer, self._said(here, "bind_wrong"))
        now = self._here(here.event)
        sentence = say(here.language, "bound", name=person.name)
        return Handled(now.viewer, menus.windows(now.windows, here.language, sentence))

    def _bind(self, here: Here) -> Handled:
        """Give a person we know on Slack a code; tell everybody else how to get one."""
        person, place = here.viewer.person, here.event.place
        if not place.direct or place.platform != "slack":
            return Handled(here.viewer, self._said(here, "bind_how"))
        if person is None:
            return Handled(here.viewer, self._said(here, "bind_who"))
        with self._database.application() as connection:
            code = binding.new_code(connection, person.employee_number)
        return Handled(here.viewer, self._said(here, "bind_slack", code=code, minutes=binding.CODE_MINUTES))

    def _unbind(self, here: Here) -> Handled:
        place = here.event.place
        with self._database.application() as connection:
            done = place.direct and people.unbind_account(connection, place.platform, place.account, here.event.sender)
        return Handled(here.viewer, self._said(here, "unbound" if done else "not_bound"))

    def _tap(self, here: Here, show: Show) -> Handled:
        action, _, value = here.event.data.partition("=")
        if tapped := self._modes.taps.get(action):
            return tapped(here, value)
        return self._window_tap(here, action, value, show)

    def _window_tap(self, here: Here, action: str, value: str, show: Show) -> Handled:
        names = {window.name for window in here.windows}
        match action:
            case "windows":
                return self._menu(here)
            case "window" if not value:
                return Handled(here.viewer, self._said(here, "automatic"), choose="")
            case "window" if value in names:
                return self._chosen(here, value)
            case "ask" if value in names:
                return self._ask_again(here, value, show)
            case "answer":
                return self._late_answer(here)
        return Handled(here.viewer, self._said(here, "stale"))

    def _menu(self, here: Here) -> Handled:
        return Handled(here.viewer, menus.windows(here.windows, here.language, self._sentence(here, "menu")))

    def _chosen(self, here: Here, name: str) -> Handled:
        window = self._windows[name]
        sentence = say(here.language, "chosen", window=window.title_in(here.language))
        return Handled(here.viewer, menus.questions(window, here.language, sentence), choose=name)

    def _ask_again(self, here: Here, name: str, show: Show) -> Handled:
        """Ask the last question in the window that was tapped."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as connection:
            last = turns.recall(connection, here.event.place.conversation, 1)
        return self._ask(here, last[-1].question, show, named=name) if last else self._chosen(here, name)

    def _late_answer(self, here: Here) -> Handled:
        """A tap on "show the answer" brings a token; whatever waits goes out with it. Only if nothing does, speak."""
        with self._database.application() as connection:
            waiting = store.answer_waits(connection, here.event.place.conversation)
        return Handled(here.viewer, None if waiting else self._said(here, "already"))

    def _feedback(self, here: Here) -> Handled:
        """Keep the rating. On LINE a tap that is followed by nothing looks broken, so say thanks."""
        rating, _, delivery = here.event.data.partition(":")
        if rating not in ("up", "down"):
            return Handled(here.viewer)
        thanks = self._said(here, f"thanks_{rating}") if here.event.place.platform == "line" else None
        return Handled(here.viewer, thanks, rating=(delivery, rating))

    # --- coming, going, files ---

    def _follow(self, here: Here) -> Handled:
        place = here.event.place
        with self._database.application() as connection:
            first = people.greet(connection, place.platform, place.account, here.event.sender)
        if not first and place.platform == "slack":  # the tab is opened again and again
            return Handled(here.viewer)
        sentence = say(here.language, "greeting", company=self._company)
        if place.platform == "line" and here.viewer.person is None and self._has_more(here):
            sentence += "\n" + say(here.language, "greeting_bind")
        return Handled(here.viewer, menus.windows(here.windows, here.language, sentence))

    def _leave(self, here: Here) -> Handled:
        place = here.event.place
        with self._database.application() as connection:
            people.leave(connection, place.platform, place.account, here.event.sender or place.channel)
        return Handled(here.viewer, leave=True)

    def _file(self, here: Here) -> Handled:
        """Take a document from someone who may offer it; decline everything else politely, in groups silently."""
        event, person = here.event, here.viewer.person
        for wants in self._modes.files:
            if handled := wants(here):
                return handled
        if not event.place.direct:
            return self._message(here, lambda _: None) if event.addressed and event.text else Handled(here.viewer)
        open_to = [w for w in here.windows if person and frozenset(w.contributors) & person.groups]
        if person is None or not open_to:
            return Handled(here.viewer, self._declined(here))
        return self._offered(here, person, open_to[0])

    def _offered(self, here: Here, person: people.Person, window: Window) -> Handled:
        event = here.event
        if event.file is None or not commands.is_document(event.file):
            return Handled(here.viewer, self._said(here, "file_kind"))
        content = self._fetch(event)
        if content is None:
            return Handled(here.viewer, self._said(here, "file_gone"))
        name = event.file.name or f"{event.file.id}"
        said = self._said(here, "file_offered", name=name, window=window.title_in(here.language))
        return Handled(here.viewer, said, offer=Offer(window.name, person.employee_number, name, content))

    def _declined(self, here: Here) -> Reply:
        if here.viewer.person is None:
            return self._said(here, "file_declined")
        contact = next((card.contact for w in here.windows if (card := w.card(here.language)).contact), "")
        return self._said(here, "file_nobody", contact=contact or self._sentence(here, "someone"))

    def _said(self, here: Here, key: str, **values: object) -> Reply:
        return Reply(say(here.language, key, **values), language=here.language)

    def _sentence(self, here: Here, key: str) -> str:
        return say(here.language, key)


def _kept_while_parked(here: Here, told: Handled) -> Handled:
    """Let a reply that nobody asked for wait on LINE: with a turn without words.

    What waits there is sent with the person's next message if it is still this reader's, and the turns' policy is
    what tells.
    """
    if here.event.place.platform != "line" or told.reply is None or not told.window or told.turns:
        return told
    turn = NewTurn(told.window, "", "", refused=False, sources=(), generator="notification", milliseconds=0.0)
    return replace(told, turns=(turn,))


def _language(event: InboundEvent, viewer: Viewer) -> Language:
    """Return the language to speak: the one chosen, the text's, the account's; the company's first language else."""
    return language_spoken(event) or viewer.language or "zh-TW"
