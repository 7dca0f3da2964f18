"""Desks that say what they are told to, keep what they were asked, and can be made to wait between sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from threading import Condition, Lock, Semaphore, Thread
from uuid import UUID, uuid4

import pymupdf

from bots.errors import NotServed, NotWanted
from bots.messages import Language, Reply, ReplyPart, SourceCard, Visitor, WindowCard
from bots.ports import Asked, Attached, Filled, FormsNow, News, OpenedFile, Progress


@dataclass(frozen=True, slots=True)
class FakeWindow:
    """A window and the groups it serves."""

    card: WindowCard
    serves: frozenset[str]


@dataclass(frozen=True, slots=True)
class Script:
    """What to say to one question: the sentences (None: start over), then the reply, or trouble instead of it."""

    parts: tuple[str | None, ...]
    reply: Reply | None
    trouble: Exception | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """One call of ``put``."""

    visitor: Visitor
    window: str
    message_id: str
    question: str
    language: Language


@dataclass
class _Message:
    """A question and what has been said to it so far. ``said`` grows; its places are the marks."""

    put: Put
    file: bool = False
    delivery: str = field(default_factory=lambda: str(uuid4()))
    said: list[ReplyPart | Reply | None] = field(default_factory=list)
    trouble: Exception | None = None
    over: bool = False
    told: bool = False  # of the trouble

    def has_more(self, place: int) -> bool:
        return len(self.said) > place or self.over

    @property
    def reply(self) -> Reply | None:
        return self.said[-1] if self.said and isinstance(self.said[-1], Reply) else None


class FakeDesk:
    """Implements bots.ports.ChatDesk in memory. A question without a script gets a refusal.

    Replies are written by a thread, whether somebody follows or not. After ``hold()`` each sentence and each reply
    waits for a ``release()``. A question that met with trouble is tried again when it is followed again.
    """

    def __init__(self, windows: Sequence[FakeWindow] | None = None) -> None:
        self.puts: list[Put] = []
        self.taps: list[tuple[Visitor, str]] = []
        self.handed_in: list[tuple[Visitor, Filled]] = []
        self.attached: list[Attached] = []
        self.asks_for_files = False  # of visitors who are no persons
        self.closed: set[str] = set()  # drafts that were cancelled or replaced
        self.numbers: dict[str, str] = {}  # of drafts that were handed in
        self.came: list[tuple[str, Language]] = []  # persons
        self._told: dict[str, list[Asked]] = {}  # by window, for every person
        self._unseen: dict[str, int] = {}
        self.followed: list[str] = []  # the marks
        self.following = 0  # generators that are open
        self.scripts: dict[str, Script] = {}
        self.unreadable_pages: set[int] = set()  # chunk ids
        self.attachments: dict[tuple[str, UUID], OpenedFile] = {}  # by who may open them: a person, or a visitor's id
        self.refuses: Exception | None = None  # raised by put
        self._windows = tuple(sample_windows() if windows is None else windows)
        self._messages: dict[tuple[str, str], _Message] = {}
        self._steps: Semaphore | None = None
        self._news = Condition()

    def script(
        self, question: str, parts: Sequence[str | None], sources: Sequence[SourceCard] = (), **reply: object
    ) -> None:
        """Answer ``question`` with these sentences and sources; ``reply`` are further fields of Reply."""
        text = ""
        for part in parts:
            text = "" if part is None else text + part
        self.scripts[question] = Script(tuple(parts), Reply(text, tuple(sources), **reply))  # type: ignore[arg-type]

    def hold(self) -> None:
        """From now on wait before each sentence and each reply until ``release``."""
        self._steps = Semaphore(0)

    def release(self, steps: int = 1) -> None:
        """Let as many sentences or replies through."""
        assert self._steps is not None, "hold() first"
        self._steps.release(steps)

    def windows(self, visitor: Visitor, language: Language) -> Sequence[WindowCard]:
        return [_in(language, window.card) for window in self._windows if window.serves & visitor.groups]

    def tap(self, visitor: Visitor, window: str, message_id: str, label: str, data: str, language: Language) -> None:
        """Keep the tap, and answer its label."""
        self.taps.append((visitor, data))
        self.put(visitor, window, message_id, label, language)

    def hand_in(self, visitor: Visitor, window: str, message_id: str, filled: Filled, language: Language) -> None:
        """Keep the form, and answer its title."""
        self.handed_in.append((visitor, filled))
        self.put(visitor, window, message_id, filled.title, language)

    def attach(self, visitor: Visitor, window: str, message_id: str, file: Attached, language: Language) -> None:
        """Keep the file, and answer its name."""
        known = (visitor.id, message_id) in self._messages
        if not known and not self.takes_files(visitor, window):
            raise NotWanted(message_id)
        self.put(visitor, window, message_id, file.name, language)
        if not known:
            self.attached.append(file)
            self._messages[visitor.id, message_id].file = True

    def takes_files(self, visitor: Visitor, window: str) -> bool:
        self._check(visitor, window)
        return bool(visitor.person) or self.asks_for_files

    def forms(self, visitor: Visitor) -> FormsNow:
        """Every form that was shown is open, but for those that are said to be over."""
        replies = [one.reply for one in self._messages.values()]
        shown = {reply.form.draft for reply in replies if reply and reply.form}
        return FormsNow(frozenset(shown - self.closed - set(self.numbers)), dict(self.numbers))

    def put(self, visitor: Visitor, window: str, message_id: str, question: str, language: Language) -> None:
        self._check(visitor, window)
        if self.refuses:
            raise self.refuses
        if (visitor.id, message_id) in self._messages:
            return
        put = Put(visitor, window, message_id, question, language)
        self.puts.append(put)
        self._messages[visitor.id, message_id] = message = _Message(put)
        self._write(message)

    def follow(self, visitor: Visitor, window: str, message_id: str, after: str = "") -> Iterator[Progress | None]:
        self._check(visitor, window)
        message = self._messages.get((visitor.id, message_id))
        if message is None or message.put.window != window:
            raise NotServed(message_id)
        self.followed.append(after)
        if message.told:
            message.trouble, message.over, message.told = None, False, False
            self._write(message)
        return self._follow(message, int(after or 0))

    def asked(self, visitor: Visitor, window: str) -> Sequence[Asked]:
        self._check(visitor, window)
        mine = [one for (owner, _), one in self._messages.items() if owner == visitor.id and one.put.window == window]
        kept = [Asked(one.put.message_id, one.put.question, one.reply, one.delivery, one.file) for one in mine]
        if not visitor.person:
            return kept
        self._unseen.pop(window, None)
        return [*kept, *self._told.get(window, [])]

    def tell(self, window: str, reply: Reply) -> None:
        """Tell every person something at this window without being asked."""
        told = self._told.setdefault(window, [])
        told.append(Asked(f"notice-{len(told) + 1}", "", reply, str(uuid4()), told=True))
        self._unseen[window] = self._unseen.get(window, 0) + 1

    def come(self, visitor: Visitor, language: Language) -> None:
        if visitor.person:
            self.came.append((visitor.person, language))

    def news(self, visitor: Visitor, window: str = "") -> News:
        if window:
            self._check(visitor, window)
        if not visitor.person:
            return News({})
        told = self._told.get(window)
        return News(dict(self._unseen), told[-1].id if told else "")

    def forget(self, visitor: Visitor, window: str) -> None:
        gone = [key for key, one in self._messages.items() if key[0] == visitor.id and one.put.window == window]
        for key in gone:
            del self._messages[key]

    def page_image(self, visitor: Visitor, delivery: str, number: int) -> bytes | None:
        for (owner, _), message in self._messages.items():
            if message.delivery == delivery and owner == visitor.id and message.reply:
                return _page_of(message.reply, number, self.unreadable_pages)
        return None

    def attachment(self, visitor: Visitor, file: UUID) -> OpenedFile | None:
        return self.attachments.get((visitor.person or visitor.id, file))

    def _check(self, visitor: Visitor, window: str) -> None:
        if window not in [card.name for card in self.windows(visitor, "zh-TW")]:
            raise NotServed(window)

    def _follow(self, message: _Message, place: int) -> Iterator[Progress | None]:
        self.following += 1
        try:
            while True:
                with self._news:
                    self._news.wait_for(partial(message.has_more, place), timeout=0.2)
                    news = message.said[place:]
                for item in news:
                    place += 1
                    yield Progress(str(place), item, message.delivery)
                if message.trouble:
                    message.told = True
                    raise message.trouble
                if message.over:
                    return
                yield None
        finally:
            self.following -= 1

    def _write(self, message: _Message) -> None:
        """Say the script from its beginning, in a thread."""
        script = self.scripts.get(message.put.question) or Script((), refusal(message.put.language))
        Thread(target=self._say, args=(message, script), daemon=True).start()

    def _say(self, message: _Message, script: Script) -> None:
        if message.said:
            self._add(message, None)
        for part in script.parts:
            self._wait()
            self._add(message, None if part is None else ReplyPart(part))
        self._wait()
        if script.reply and not script.trouble:
            self._add(message, script.reply)
        with self._news:
            message.trouble, message.over = script.trouble, True
            self._news.notify_all()

    def _add(self, message: _Message, item: ReplyPart | Reply | None) -> None:
        with self._news:
            message.said.append(item)
            self._news.notify_all()

    def _wait(self) -> None:
        if self._steps is not None:
            self._steps.acquire(timeout=20)


class FakeLinkDesk:
    """Implements bots.ports.LinkDesk: shows what it was given, as long as it is not closed."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.attachments: dict[tuple[str, UUID], OpenedFile] = {}
        self.unreadable_pages: set[int] = set()  # chunk ids

    def page(self, delivery: str, number: int) -> bytes | None:
        reply = self.reply(delivery)
        return _page_of(reply, number, self.unreadable_pages) if reply else None

    def reply(self, delivery: str) -> Reply | None:
        return self.replies.get(delivery)

    def attachment(self, delivery: str, file: UUID) -> OpenedFile | None:
        return self.attachments.get((delivery, file))


class FakeApiDesk:
    """Implements bots.ports.ApiDesk: the same key gives the same reply. A slow question takes another call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str, str, float]] = []
        self.replies: dict[str, Reply] = {}
        self.slow: set[str] = set()
        self.raises: Exception | None = None
        self._asked: dict[tuple[str, str], str] = {}

    def ask(self, client: str, key: str, question: str, window: str, wait_s: float) -> Asked | None:
        self.calls.append((client, key, question, window, wait_s))
        if self.raises:
            raise self.raises
        asked = self._asked.setdefault((client, key), question)
        if asked in self.slow:
            return None
        return Asked(key, asked, self.replies.get(asked) or refusal("zh-TW"), key)


class FakeUsedTokens:
    """Implements bots.platforms.web.UsedTokens in memory."""

    def __init__(self) -> None:
        self._used: dict[str, datetime] = {}
        self._lock = Lock()

    def use(self, token_id: str, expires: datetime) -> bool:
        with self._lock:
            return self._used.setdefault(token_id, expires) is expires


def sample_windows() -> list[FakeWindow]:
    """Six windows, one a department; two of them serve customers too."""
    everyone, staff = frozenset({"customers", "employees"}), frozenset({"employees"})
    return [
        _window("quality", "產", "生產品保窗口", staff, ["退貨品要怎麼重驗？"], "品保課 分機 2210"),
        _window("sales", "銷", "客服窗口", everyone, ["七天內可以退貨嗎？", "運費怎麼算？"], "客服專線 02-5555-0100"),
        _window(
            "hr", "人", "人資窗口", staff, ["特休有幾天？", "加班費怎麼算？", "生理假要證明嗎？"], "人資部 #hr-duty"
        ),
        _window("product", "發", "產品技術窗口", everyone, ["濾心多久換一次？"], "support@a-company.example"),
        _window("finance", "財", "財務窗口", staff, ["出差住宿一晚上限多少？"], "財務部 分機 2301"),
        _window("it", "資", "資訊窗口", staff, ["VPN 連不上怎麼辦？"], "資訊服務台 分機 2999"),
    ]


def _window(
    name: str, department: str, title: str, serves: frozenset[str], questions: Sequence[str], contact: str
) -> FakeWindow:
    return FakeWindow(WindowCard(name, department, title, tuple(questions), contact), serves)


def refusal(language: Language) -> Reply:
    """What the desk says when it finds nothing."""
    if language == "en":
        return Reply("The documents at hand say nothing about this, and I will not guess.", refused=True)
    return Reply("手邊的文件沒有提到這件事，我不想亂猜。", refused=True)


def _page_of(reply: Reply, number: int, unreadable: set[int]) -> bytes | None:
    for source in reply.sources:
        if source.number == number and source.chunk_id not in unreadable:
            return page_with(source.quote)
    return None


@lru_cache(maxsize=16)
def page_with(quote: str) -> bytes:
    """Draw an A4 page as PNG with the quote marked."""
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((60, 60, 535, 110), "A 公司 工作規則 第三章 請假", fontname="china-t", fontsize=17)
        page.draw_rect((56, 150, 540, 150 + 26 * (len(quote) // 30 + 1)), fill=(1, 0.89, 0.55), color=None)
        page.insert_textbox((60, 152, 535, 400), quote, fontname="china-t", fontsize=15)
        for y in range(300, 760, 24):
            page.draw_line((60, y), (535 - y % 80, y), color=(0.8, 0.8, 0.8), width=5)
        return bytes(page.get_pixmap(dpi=110).tobytes("png"))


_ENGLISH_TITLES = {
    "quality": "Quality desk",
    "sales": "Customer service",
    "hr": "HR desk",
    "product": "Product support",
    "finance": "Finance desk",
    "it": "IT desk",
}


def _in(language: Language, card: WindowCard) -> WindowCard:
    title = _ENGLISH_TITLES.get(card.name, card.title) if language == "en" else card.title
    return WindowCard(card.name, card.department, title, card.questions, card.contact)
