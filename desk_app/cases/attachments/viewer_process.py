"""Decodes one page of one file and ends. Started by `viewing`; knows no office, path or key.

Standard input: a line of JSON with ``kind``, ``page``, ``longest_px`` and ``bytes``, then so many
bytes. Standard output: a line of JSON, then the points (RGB).

    {"is": "seen", "pages": 1, "width_px": …, "height_px": …, "full_width_px": …,
     "full_height_px": …, "remarks": […]}
    {"is": "damaged"}    {"is": "too_many_points"}

Before it reads a byte of the file it takes from itself what it doesn't need: memory and time
beyond a bound, the writing of files and core dumps; on Linux also sockets, other programs,
further processes, and changes of any file (`confinement`). Fonts may still be read: papers that
bring none of their own need the machine's.
"""

import io
import json
import re
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import pypdfium2
from PIL import Image, ImageFile, ImageOps

from desk_app.cases.attachments.confinement import confine
from desk_app.cases.attachments.rules import FileKind, Remark

MOST_POINTS = 100_000_000
MOST_POINTS_JPEG = 250_000_000
"""More than other pictures, as a JPEG is decoded at an eighth of its size."""

_FORMATS = {
    FileKind.JPEG: "JPEG",
    FileKind.PNG: "PNG",
    FileKind.WEBP: "WEBP",
    FileKind.TIFF: "TIFF",
}
_ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|RichMedia)"
    rb"|/OpenAction\s*[^\s\[]|/AA[\s<\[/]"  # an array says at which page to open
)
_EMBEDDED = re.compile(rb"/(?:EmbeddedFile|Filespec)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_WHITE = (255, 255, 255)


class TooManyPoints(Exception):
    """The picture says that it is larger than what may be decoded."""


def main() -> int:
    """Answer the one question and end."""
    Image.preinit()
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # asked for below, by kind
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    confine()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    wanted = json.loads(source.readline())
    content = source.read(wanted["bytes"])
    answer, points = answered(FileKind(wanted["kind"]), content, wanted)
    _write(sink, answer, points)
    return 0


def answered(
    kind: FileKind, content: bytes, wanted: dict[str, Any]
) -> tuple[dict[str, Any], bytes]:
    """The answer to what is wanted, and the points."""
    show: Callable[[FileKind, bytes, int, int], tuple[dict[str, Any], bytes]]
    show = _paper if kind is FileKind.PDF else _picture
    try:
        return show(kind, content, wanted["page"], wanted["longest_px"])
    except (TooManyPoints, MemoryError):
        return {"is": "too_many_points"}, b""
    except Exception:  # whatever a decoder says of what it can't decode
        return {"is": "damaged"}, b""


def _picture(
    kind: FileKind, content: bytes, page: int, longest_px: int
) -> tuple[dict[str, Any], bytes]:
    with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as picture:
        pages = getattr(picture, "n_frames", 1) if kind is FileKind.TIFF else 1
        if page:
            picture.seek(page)
        width, height = picture.size
        most = MOST_POINTS_JPEG if kind is FileKind.JPEG else MOST_POINTS
        if width * height > most:
            raise TooManyPoints
        picture.draft("RGB", (longest_px, longest_px))
        picture.load()
        shown = _scalable(picture)
        shown.thumbnail((longest_px, longest_px))  # never makes it larger
        shown = _in_colour(ImageOps.exif_transpose(shown))
    return _answer(shown, pages=pages, full=(width, height)), shown.tobytes()


def _scalable(picture: Image.Image) -> Image.Image:
    """The picture in a form in which points can be mixed: no palette, eight bits, no stencil."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture


def _in_colour(picture: Image.Image) -> Image.Image:
    """The picture in RGB, what is transparent in it on white."""
    if "A" not in picture.getbands():
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    ground = Image.new("RGB", clear.size, _WHITE)
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


def _paper(
    _kind: FileKind, content: bytes, page: int, longest_px: int
) -> tuple[dict[str, Any], bytes]:
    names = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), content)
    remarks = {
        remark
        for remark, words in ((Remark.ACTIVE, _ACTIVE), (Remark.EMBEDDED, _EMBEDDED))
        if words.search(names)
    }
    try:
        paper = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code != pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise
        locked = sorted({*remarks, Remark.LOCKED})
        return _answer(Image.new("RGB", (0, 0)), pages=0, full=None, remarks=locked), b""
    with paper:
        if pypdfium2.raw.FPDFDoc_GetJavaScriptActionCount(paper) > 0:
            remarks.add(Remark.ACTIVE)
        if paper.count_attachments() > 0:
            remarks.add(Remark.EMBEDDED)
        sheet = paper[page]
        width, height = sheet.get_size()
        scale = longest_px / max(width, height)
        # One point less than the bound: the size of the bitmap is rounded up.
        scale = min(scale * (longest_px - 1) / longest_px, 4.0)
        shown = sheet.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        return _answer(shown, pages=len(paper), full=None, remarks=sorted(remarks)), shown.tobytes()


def _answer(
    shown: Image.Image,
    *,
    pages: int,
    full: tuple[int, int] | None,
    remarks: list[Remark] | None = None,
) -> dict[str, Any]:
    width, height = full or (None, None)
    return {
        "is": "seen",
        "pages": pages,
        "width_px": shown.width,
        "height_px": shown.height,
        "full_width_px": width,
        "full_height_px": height,
        "remarks": [remark.value for remark in remarks or ()],
    }


def _write(sink: BinaryIO, answer: dict[str, Any], points: bytes) -> None:
    sink.write(json.dumps(answer).encode() + b"\n")
    sink.write(points)
    sink.flush()


if __name__ == "__main__":
    sys.exit(main())
