"""The rich menu: the company's windows as doors, each with its lit transom, drawn from the windows themselves."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from bots.errors import SettingError
from bots.messages import WindowCard
from bots.platforms.line.splitting import clean, shorten

WIDTH: Final = 2_500
DOORS: Final = 6
IMAGE_BYTES: Final = 1_000_000
NAME_PREFIX: Final = "transom "

_STRIP: Final = 286  # the bar "所有窗口" below the doors
_HEIGHTS: Final = {1: 843, 2: 1_686}  # by rows of doors
_GAP: Final = 44
_PAPER, _DOOR, _DOOR_DEEP, _ON_DOOR = "#f8f2e7", "#24493f", "#1b3930", "#f8efdd"
_LIT, _INK, _LINE = "#f5c566", "#2b251e", "#e0d4be"

FONT_FOLDERS: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
_FONT_NAMES: Final = (  # best first
    "NotoSansCJK-Bold.*",
    "NotoSansTC-Bold.*",
    "NotoSansCJK*",
    "NotoSansTC*",
    "PingFang.ttc",
    "msjhbd.ttc",
    "msjh.ttc",
    "NotoSerifCJK*",
    "wqy-*.ttc",
    "uming.ttc",
)
_FONT_FIX: Final = (
    "install one (Debian: apt-get install fonts-noto-cjk) or name a font file: transom line setup --font FILE"
)
_MOST_FACES: Final = 40  # a font collection has ten or so

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class RichMenu:
    """A rich menu ready to upload. ``menu`` is LINE's request object; its name holds a hash of all of it."""

    menu: dict[str, Any]
    png: bytes

    @property
    def name(self) -> str:
        """The menu's name at LINE: the same for the same menu."""
        return str(self.menu["name"])


def rich_menu(windows: Sequence[WindowCard], font: Path) -> RichMenu:
    """Return the menu of the first six windows and "all windows". Raises SettingError if the font cannot be read."""
    shown = list(windows[:DOORS])
    doors, strip, height = layout(len(shown))
    png = draw(shown, font)
    areas = [_area(box, _title(window), f"window={window.name}") for box, window in zip(doors, shown, strict=True)]
    menu = {
        "size": {"width": WIDTH, "height": height},
        "selected": True,
        "chatBarText": "選擇窗口",
        "areas": [*areas, _area(strip, "所有窗口", "windows")],
    }
    digest = sha256(repr(sorted(menu.items())).encode() + png).hexdigest()[:16]
    return RichMenu({**menu, "name": NAME_PREFIX + digest}, png)


def layout(windows: int) -> tuple[list[Box], Box, int]:
    """Return the doors' boxes, that of "all windows", and the height: one row up to three windows, else two."""
    rows = 1 if windows <= 3 else 2
    height = _HEIGHTS[rows]
    strip = (0, height - _STRIP, WIDTH, height)
    in_first = windows if rows == 1 else -(-windows // 2)
    counts = [in_first] if rows == 1 else [in_first, windows - in_first]
    row_height = (height - _STRIP) // rows
    doors = [
        (column * WIDTH // count, row * row_height, (column + 1) * WIDTH // count, (row + 1) * row_height)
        for row, count in enumerate(counts)
        for column in range(count)
    ]
    return doors, strip, height


def draw(windows: Sequence[WindowCard], font: Path) -> bytes:
    """Return the picture as PNG of at most 1 MB. Raises SettingError if the font cannot be read."""
    doors, strip, height = layout(len(windows))
    image = Image.new("RGB", (WIDTH, height), _PAPER)
    pen = ImageDraw.Draw(image)
    for box, window in zip(doors, windows, strict=True):
        _draw_door(pen, box, window, font)
    _draw_strip(pen, strip, font)
    file = io.BytesIO()
    image.quantize(128).save(file, "PNG", optimize=True)  # flat colours: a palette loses nothing one could see
    return file.getvalue()


def find_font(named: Path | None = None, folders: Sequence[Path] = FONT_FOLDERS) -> Path:
    """Return the font to draw with: the one named, else the best in the folders. Raises SettingError with the fix."""
    if named is not None:
        _face(named, 20)
        return named
    for name in _FONT_NAMES:
        for folder in folders:
            if found := sorted(folder.rglob(name)):
                return found[0]
    raise SettingError(f"The rich menu needs a font with Chinese characters, and none was found: {_FONT_FIX}.")


def _area(box: Box, title: str, data: str) -> dict[str, Any]:
    left, top, right, bottom = box
    action = {"type": "postback", "label": shorten(title, 20), "data": data, "displayText": shorten(title, 300)}
    return {"bounds": {"x": left, "y": top, "width": right - left, "height": bottom - top}, "action": action}


def _title(window: WindowCard) -> str:
    return clean(window.title).strip() or window.name


def _draw_door(pen: ImageDraw.ImageDraw, box: Box, window: WindowCard, font: Path) -> None:
    left, top, right, bottom = box[0] + _GAP // 2, box[1] + _GAP, box[2] - _GAP // 2, box[3]
    left, right = left + (_GAP // 2 if box[0] == 0 else 0), right - (_GAP // 2 if box[2] == WIDTH else 0)
    pen.rounded_rectangle((left, top, right, bottom), 36, fill=_DOOR)
    middle = (left + right) // 2
    pane = (middle - 330, top + 46, middle + 330, top + 46 + (bottom - top) // 2)
    pen.rounded_rectangle(pane, 24, fill=_LIT, outline=_DOOR_DEEP, width=10)
    for side in (-1, 1):  # the muntins of the transom, beside the character
        pen.line((middle + side * 150, pane[1] + 4, middle + side * 150, pane[3] - 4), fill=_DOOR_DEEP, width=10)
    mark = clean(window.department).strip()[:1] or _title(window)[:1]
    _write(pen, mark, (middle - 140, pane[1], middle + 140, pane[3]), font, 190, _INK)
    _write(pen, _title(window), (left + 36, pane[3], right - 36, bottom), font, 104, _ON_DOOR)


def _draw_strip(pen: ImageDraw.ImageDraw, box: Box, font: Path) -> None:
    left, top, right, bottom = box[0] + _GAP, box[1] + _GAP, box[2] - _GAP, box[3] - _GAP
    pen.rounded_rectangle((left, top, right, bottom), 36, fill="#fffdf9", outline=_LINE, width=6)
    _write(pen, "所有窗口", (left, top, right, bottom), font, 88, _DOOR)


def _write(pen: ImageDraw.ImageDraw, text: str, box: Box, font: Path, size: int, colour: str) -> None:
    """Write the text in the middle of the box, smaller or shortened where it would not fit."""
    face = _face(font, size)
    while pen.textlength(text, face) > box[2] - box[0] and size > 56:
        size -= 8
        face = _face(font, size)
    while pen.textlength(text, face) > box[2] - box[0] and len(text) > 2:
        text = text[:-2].rstrip() + "…"
    pen.text(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), text, fill=colour, font=face, anchor="mm")


def _face(font: Path, size: int) -> ImageFont.FreeTypeFont:
    """Return the face for Taiwan where a collection has one: in Japan the same characters are drawn otherwise."""
    try:
        first = ImageFont.truetype(str(font), size)
    except OSError as error:
        raise SettingError(f"The font {font} cannot be read: {_FONT_FIX}.") from error
    faces = _faces(font, size) if font.suffix.lower() == ".ttc" else ()
    return next((face for face in faces if (face.getname()[0] or "").endswith(" TC")), first)


def _faces(font: Path, size: int) -> Iterator[ImageFont.FreeTypeFont]:
    for index in range(_MOST_FACES):
        try:
            yield ImageFont.truetype(str(font), size, index=index)
        except OSError:  # there are no more
            return
