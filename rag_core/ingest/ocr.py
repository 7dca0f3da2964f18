"""Read the text of scanned pages from their image, offline, with the models inside rapidocr's wheel."""

import logging
from dataclasses import replace
from functools import cache
from typing import Any

from rag_core.ingest.pdf_lines import Line, in_reading_order

_DPI = 150
_MOST_PIXELS = 4_000_000  # of a rendered page: A4 at 150 dpi has 2.2 million
_LONGEST_SIDE = 4_000  # pixels
_THREADS = 1  # files go side by side instead
_DETECTED_SIDE = (
    1_120  # pixels of the picture in which lines are looked for; the full size takes half as much memory again
)
_BATCH = 2  # lines recognised together: more take more memory and, on a CPU, no less time
_SURE = 0.6  # confidence a line needs
_FEWEST_PIXELS = 32


@cache
def _engine() -> Any:
    """Return the OCR engine. It takes a second to load and is kept as long as the reading process lives."""
    logging.disable(logging.WARNING)
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTED_SIDE,
            "Rec.rec_batch_num": _BATCH,
            "Global.log_level": "critical",
        }
    )


def page_lines(page: Any) -> list[Line]:
    """Return the lines seen on a page, with their place in points. Unsure ones are dropped.

    Each line is a block of its own; the size of its letters is taken from its height, rounded so that equal
    type gives equal sizes.
    """
    import numpy as np

    scale = _scale(page.rect.width, page.rect.height)
    if min(page.rect.width, page.rect.height) * scale < _FEWEST_PIXELS:
        return []
    import pymupdf

    picture = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    image = np.frombuffer(picture.samples_mv, np.uint8).reshape(picture.height, picture.stride)
    image = image[:, : picture.width * 3].reshape(picture.height, picture.width, 3)[:, :, ::-1]
    seen = _engine()(np.ascontiguousarray(image))
    if seen.txts is None:
        return []
    sure = [(box, text) for box, text, score in zip(seen.boxes, seen.txts, seen.scores, strict=True) if score >= _SURE]
    lines = [_line(box / scale, text, i) for i, (box, text) in enumerate(sure) if text.strip()]
    # a picture has no order of its own: the one in which it is read becomes it
    return [replace(line, index=i) for i, line in enumerate(in_reading_order(lines))]


def _scale(width: float, height: float) -> float:
    """Return pixels a point, so that the picture stays within bounds whatever size the page claims."""
    area = max(1.0, width * height)
    return float(min(_DPI / 72, (_MOST_PIXELS / area) ** 0.5, _LONGEST_SIDE / max(width, height, 1.0)))


def _line(box: Any, text: str, index: int) -> Line:
    x0, y0 = (float(v) for v in box.min(axis=0))
    x1, y1 = (float(v) for v in box.max(axis=0))
    return Line(text.strip(), x0, y0, x1, y1, max(2.0, round((y1 - y0) / 2) * 2.0), False, index, index)
