"""What may be attached to a case: decided by what a file holds, never by what it is called.

Few kinds are accepted, each told by its first bytes at offset 0. What isn't one of them is
refused with the answer what it is, as far as that can be told; archives are never opened, so that
a zip bomb is an archive like any other.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from desk_app.cases.attachments.names import clean_name
from desk_app.cases.attachments.tiff import end_of_tiff
from desk_app.errors import Refused

MEGABYTE = 1_000_000
FILE_LIMIT_BYTES = 20 * MEGABYTE
CASE_LIMIT_BYTES = 200 * MEGABYTE


class FileKind(StrEnum):
    """What is accepted. The value is also the ending of a copy that is saved."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    TIFF = "tif"
    HEIC = "heic"  # a telephone's picture: kept, not shown here
    PDF = "pdf"
    TEXT = "txt"


PICTURES = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP, FileKind.TIFF})
SHOWN = PICTURES | {FileKind.PDF, FileKind.TEXT}
"""Kinds that have a preview."""


class Remark(StrEnum):
    """What whoever opens an attachment should know of it."""

    TRAILING = "trailing"  # something follows the end of the picture or paper
    LOCKED = "locked"  # a PDF with a password: kept, not shown
    ACTIVE = "active"  # a PDF with scripts or actions, which nobody runs
    EMBEDDED = "embedded"  # a PDF with files in it, which nobody opens


_PROGRAMS: Sequence[tuple[bytes, str]] = (
    (b"MZ", "Windows"),
    (b"\x7fELF", "Linux"),
    (b"\xfe\xed\xfa\xce", "macOS"),
    (b"\xfe\xed\xfa\xcf", "macOS"),
    (b"\xce\xfa\xed\xfe", "macOS"),
    (b"\xcf\xfa\xed\xfe", "macOS"),
    (b"\xca\xfe\xba\xbe", "Java"),
    (b"dex\n", "Android"),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "Windows"),  # a shortcut runs what it likes
    (b"\x00asm", "WebAssembly"),
)
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
    b"LZIP",
    b"xar!",
)
_ARCHIVES_LATER = ((257, b"ustar"), (4, b"1AY&SY"), (32769, b"CD001"))
_LHA = re.compile(rb"..-l[hz][0-9sd]-", re.DOTALL)
_OFFICE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
_OFFICE_IN_ZIP = (b"[Content_Types].xml", b"mimetypeapplication/", b"word/", b"xl/", b"ppt/")
_MEDIA = (b"ID3", b"OggS", b"fLaC", b"\x1a\x45\xdf\xa3", b"FLV\x01", b"#!AMR", b"\x00\x00\x01\xba")
_OTHER_PICTURES = (b"GIF87a", b"GIF89a", b"BM", b"8BPS", b"\x00\x00\x01\x00", b"\xff\x0a")
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_WEB = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+)?(?:html|svg|script)",
    re.DOTALL | re.IGNORECASE,
)
_COMMANDS = ("bat", "cmd", "com", "command", "hta", "inf", "lnk", "pif", "reg", "scf", "scr", "url")
_SCRIPTS = ("bash", "js", "jse", "php", "pl", "ps1", "psm1", "py", "rb", "sh", "vbe", "vbs", "wsf")
_OPENED_BY_OTHERS = ("desktop", "htm", "html", "jar", "jnlp", "mht", "mhtml", "msi", "svg", "wsh")
_MARKED_UP = ("xhtml", "xml", "xsl")
_SCRIPT_ENDINGS = frozenset((*_COMMANDS, *_SCRIPTS, *_OPENED_BY_OTHERS, *_MARKED_UP))
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
"""What no text holds."""

_ZIP_NAMES_BYTES = 4096


def kind_of(content: bytes, name: str) -> FileKind:
    """What ``content`` is; `Refused` for what isn't accepted, with what it is instead.

    ``name`` is looked at for text only: any text is a script if it is called one.
    """
    if not content:
        raise Refused("attachments.empty")
    if len(content) > FILE_LIMIT_BYTES:
        raise Refused("attachments.too_large", limit=FILE_LIMIT_BYTES // MEGABYTE)
    kind = _accepted(content)
    if kind is not None:
        return kind
    _refuse_known(content)
    ending = ending_of(clean_name(name))
    if content.startswith(b"#!") or ending in _SCRIPT_ENDINGS:
        raise Refused("attachments.script")
    if text_of(content) is not None:
        return FileKind.TEXT
    _refuse_less_certain(content)
    raise Refused("attachments.unknown_kind")


def ending_of(name: str) -> str:
    """The letters and digits after the last dot of a file's name, in lower case."""
    _, dot, ending = name.rpartition(".")
    return "".join(filter(str.isalnum, ending)).lower() if dot else ""


def text_of(content: bytes) -> str | None:
    """The text that ``content`` is in UTF-8, UTF-16 with its mark, ISO-2022-JP (as in old mail)
    or Shift_JIS; None if it is none."""
    encodings: tuple[str, ...] = ("utf-8-sig", "cp932")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\x1b$" in content:
        encodings = ("iso2022_jp_2",)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.search(text) else text
    return None


def trailing(kind: FileKind, content: bytes) -> bool:
    """Whether something follows the end of a picture or paper; False where that can't be told."""
    match kind:
        case FileKind.JPEG:
            end = _end_of_jpeg(content)
        case FileKind.PNG:
            end = _end_of_png(content)
        case FileKind.WEBP:
            size = int.from_bytes(content[4:8], "little")
            end = 8 + size + size % 2
        case FileKind.PDF:
            end = _end_of_pdf(content)
        case FileKind.TIFF:
            end = end_of_tiff(content)
        case _:
            end = None
    return end is not None and bool(content[end:].strip(b"\0\t\n\r "))


def _accepted(content: bytes) -> FileKind | None:
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return FileKind.WEBP
    if content.startswith((b"II*\0", b"MM\0*")):
        return FileKind.TIFF
    if content.startswith(b"%PDF-"):
        return FileKind.PDF
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return FileKind.HEIC
    return None


def _refuse_known(content: bytes) -> None:
    for magic, system in _PROGRAMS:
        if content.startswith(magic):
            raise Refused("attachments.program", system=system)
    office_in_zip = any(name in content[:_ZIP_NAMES_BYTES] for name in _OFFICE_IN_ZIP)
    if content.startswith(_OFFICE) or (content.startswith(b"PK\x03\x04") and office_in_zip):
        raise Refused("attachments.office_document")
    later = any(content[at : at + len(magic)] == magic for at, magic in _ARCHIVES_LATER)
    if content.startswith(_ARCHIVES) or later or _LHA.match(content):
        raise Refused("attachments.archive")
    if _WEB.match(content[:_ZIP_NAMES_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")):
        raise Refused("attachments.web_page")


def _refuse_less_certain(content: bytes) -> None:
    """Kinds whose first bytes a text could begin with."""
    if content.startswith(_OTHER_PICTURES):
        raise Refused("attachments.other_picture")
    is_sound = content[:1] == b"\xff" and content[1:2] in (b"\xfb", b"\xf3", b"\xf2", b"\xf1")
    if content.startswith((*_MEDIA, b"RIFF")) or content[4:8] == b"ftyp" or is_sound:
        raise Refused("attachments.media")


_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF")


def _end_of_pdf(content: bytes) -> int | None:
    """Behind the last mark of the end that says where the paper's table is: the mark alone can
    stand behind anything."""
    ends = [found.end() for found in _PDF_END.finditer(content)]
    if ends:
        return ends[-1]
    mark = content.rfind(b"%%EOF")
    return None if mark < 0 else mark + len(b"%%EOF")


_JPEG_MARK = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)


def _end_of_jpeg(content: bytes) -> int | None:
    """Behind the mark of the end, found segment by segment: a thumbnail has one of its own."""
    at = 2
    while (found := _JPEG_MARK.search(content, at)) is not None:
        at, mark = found.end(), content[found.end() - 1]
        if mark == 0xD9:
            return at
        if mark != 0x01:
            at += max(int.from_bytes(content[at : at + 2], "big"), 2)
    return None


def _end_of_png(content: bytes) -> int | None:
    at = 8
    while at + 12 <= len(content):
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return at
    return None
