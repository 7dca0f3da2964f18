"""Turns a source into what a flat-bed scanner makes of a signed paper notice: one grey image a page, no text layer."""

import io
import random
from pathlib import Path

import pymupdf
from PIL import Image, ImageChops, ImageFilter

from tools.build_company import pdf
from tools.build_company.source import Document

_DPI = 200
_TILT = 0.6  # degrees


def build(document: Document, target: Path) -> None:
    """Write the source as an image-only PDF at ``target``."""
    pdf.build(document, target)
    with pymupdf.open(target) as clean:
        pages = [_photograph(page) for page in clean]
        sizes = [page.rect for page in clean]
    scanned = pymupdf.open()
    for image, size in zip(pages, sizes, strict=True):
        page = scanned.new_page(width=size.width, height=size.height)
        page.insert_image(page.rect, stream=image)
    scanned.set_metadata({"title": "", "producer": "Office scanner"})
    scanned.save(target, garbage=4, deflate=True, no_new_id=True)


def _photograph(page: pymupdf.Page) -> bytes:
    """Return the page as a JPEG, a little turned, with the grain and the soft edges of a scan."""
    _stamp(page)
    pixels = page.get_pixmap(dpi=_DPI, colorspace=pymupdf.csGRAY)
    image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    image = image.rotate(_TILT, resample=Image.Resampling.BICUBIC, fillcolor=250)
    grain = Image.frombytes("L", image.size, random.Random(7).randbytes(image.width * image.height))  # noqa: S311 - a fixed grain
    grain = grain.filter(ImageFilter.GaussianBlur(1.2)).point(lambda value: max(0, (value - 128)) // 3)
    image = ImageChops.subtract(image.filter(ImageFilter.GaussianBlur(0.5)), grain)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=55)
    return out.getvalue()


def _stamp(page: pymupdf.Page) -> None:
    """Draw a signature and a seal at the foot, as on paper."""
    shape = page.new_shape()
    shape.draw_bezier((400, 640), (430, 600), (440, 690), (470, 640))
    shape.draw_bezier((440, 655), (480, 610), (485, 680), (530, 632))
    shape.finish(color=(0.15, 0.15, 0.35), width=1.6)
    shape.draw_rect(pymupdf.Rect(330, 610, 386, 666))
    shape.finish(color=(0.5, 0.2, 0.2), width=2)
    shape.commit()
