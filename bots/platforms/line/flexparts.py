"""What Flex messages are made of: boxes, texts, bubbles, carousels, and the colours of the web chat (``page.css``).

Paper, ink, the green of a door, the amber of a lit transom. A Flex text has no markup: nothing in it is a mention or
a link.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bots.platforms.line.splitting import clean, shorten

ALT_TEXT: Final = 400  # of LINE's 1,500: it is what a notification shows
BUBBLES: Final = 12
CAROUSEL_BYTES: Final = 48_000  # of LINE's 50 KB

PAPER: Final = "#f8f2e7"
SURFACE: Final = "#fffdf9"
SUNK: Final = "#f0e7d6"
INK: Final = "#2b251e"
SOFT: Final = "#665b4d"
LINE: Final = "#e0d4be"
DOOR: Final = "#24493f"
ON_DOOR: Final = "#f8efdd"
AMBER: Final = "#7f4506"
AMBER_WASH: Final = "#fbe8c4"
DANGER: Final = "#99301d"

Flex = dict[str, Any]


def flex_message(alt: str, bubbles: Sequence[Flex]) -> Flex:
    """Return the message of one bubble, or of a carousel of at most twelve."""
    contents = bubbles[0] if len(bubbles) == 1 else {"type": "carousel", "contents": list(bubbles)}
    return {"type": "flex", "altText": shorten(alt, ALT_TEXT), "contents": contents}


def packed(bubbles: Sequence[Flex]) -> Iterator[list[Flex]]:
    """Yield carousels of as many bubbles as one may hold."""
    carousel: list[Flex] = []
    size = 0
    for bubble in bubbles:
        more = weight(bubble)
        if carousel and (len(carousel) == BUBBLES or size + more > CAROUSEL_BYTES):
            yield carousel
            carousel, size = [], 0
        carousel.append(bubble)
        size += more
    yield carousel


def weight(part: Flex) -> int:
    """Return the bytes of the JSON with every character beyond ASCII escaped, which is more than LINE counts."""
    return len(json.dumps(part))


def box(contents: Sequence[Flex], ground: str, **more: Any) -> Flex:
    """Return a vertical box on a ground of that colour."""
    return {"type": "box", "layout": "vertical", "backgroundColor": ground, "contents": list(contents), **more}


def row(contents: Sequence[Flex], **more: Any) -> Flex:
    """Return a horizontal box."""
    return {"type": "box", "layout": "horizontal", "contents": list(contents), **more}


def separator() -> Flex:
    """Return a thin line."""
    return {"type": "separator", "color": LINE}


def text(words: str, **more: Any) -> Flex:
    """Return a text. LINE takes no empty one."""
    return {"type": "text", "text": words, **more}


def one_line(words: str, most: int) -> str:
    """Return the text in one line of at most so many units."""
    return shorten(re.sub(r"\s+", " ", clean(words)).strip(), most)
