"""A chat desk that says what it is told to, keeps what it was asked, and can be made to wait between sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock, Semaphore

import pymupdf

from bots.errors import NotServed
from bots.messages import Exchange, Language, Reply, ReplyPart, SourceCard, Visitor, WindowCard


@dataclass(frozen=True, slots=True)
class FakeWindow:
    """A window and the groups it serves."""

    card: WindowCard
    serves: frozenset[str]


@dataclass(frozen=True, slots=True)
class Script:
    """What to say to one question: the sentences, then the reply, or trouble instead of it."""

    parts: tuple[str, ...]
    reply: Reply | None
    trouble: Exception | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of ``ask``."""

    visitor: Visitor
    window: str
    question: str
    history: tuple[Exchange, ...]
    language: Language


class FakeDesk:
    """Implements bots.messages.ChatDesk. Questions without a script get a refusal."""

    def __init__(self, windows: Sequence[FakeWindow] | None = None) -> None:
        self.asked: list[Asked] = []
        self.finished = 0  # replies read to their very end
        self.scripts: dict[str, Script] = {}
        self.unreadable_pages: set[int] = set()
        self._windows = tuple(sample_windows() if windows is None else windows)
        self._steps: Semaphore | None = None

    def script(self, question: str, parts: Sequence[str], sources: Sequence[SourceCard] = (), **reply: object) -> None:
        """Answer ``question`` with these sentences and sources; ``reply`` are further fields of Reply."""
        self.scripts[question] = Script(tuple(parts), Reply("".join(parts), tuple(sources), **reply))  # type: ignore[arg-type]

    def hold(self) -> None:
        """From now on wait before each sentence and each reply until ``release``."""
        self._steps = Semaphore(0)

    def release(self, steps: int = 1) -> None:
        """Let as many sentences or replies through."""
        assert self._steps is not None, "hold() first"
        self._steps.release(steps)

    def windows(self, visitor: Visitor, language: Language) -> Sequence[WindowCard]:
        return [_in(language, window.card) for window in self._windows if window.serves & visitor.groups]

    def ask(
        self, visitor: Visitor, window: str, question: str, history: Sequence[Exchange], language: Language
    ) -> Iterator[ReplyPart | Reply]:
        if window not in [card.name for card in self.windows(visitor, language)]:
            raise NotServed(window)
        self.asked.append(Asked(visitor, window, question, tuple(history), language))
        script = self.scripts.get(question) or Script((), refusal(language))
        for text in script.parts:
            self._wait()
            yield ReplyPart(text)
        self._wait()
        if script.trouble:
            raise script.trouble
        if script.reply:
            yield script.reply
        self.finished += 1

    def page_image(self, visitor: Visitor, chunk_id: int, quote: str) -> bytes | None:
        readable = "employees" in visitor.groups or chunk_id < 100
        return page_with(quote) if readable and chunk_id not in self.unreadable_pages else None

    def _wait(self) -> None:
        if self._steps is not None and not self._steps.acquire(timeout=20):
            raise TimeoutError("nobody released the desk")


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
