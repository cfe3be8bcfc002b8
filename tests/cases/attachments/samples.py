"""Files as customers and attackers send them, made here byte by byte."""

import io
import struct
import zipfile
import zlib

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

MEGABYTE = 1 << 20


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    made = Image.linear_gradient("L").resize(size).convert("RGB")
    sink = io.BytesIO()
    made.save(sink, form, **options)
    return sink.getvalue()


def fax(pages: int = 3) -> bytes:
    sheets = [Image.new("1", (200, 280), at % 2) for at in range(pages)]
    sink = io.BytesIO()
    sheets[0].save(sink, "TIFF", save_all=True, append_images=sheets[1:], compression="group4")
    return sink.getvalue()


def paper(*texts: str, password: str = "") -> bytes:
    sink = io.BytesIO()
    encrypt = None
    if password:
        from reportlab.lib.pdfencrypt import StandardEncryption

        encrypt = StandardEncryption(password, strength=128)
    canvas = Canvas(sink, pagesize=(300, 400), encrypt=encrypt)
    for text in texts or ("Guten Tag",):
        canvas.drawString(50, 350, text)
        canvas.showPage()
    canvas.save()
    return sink.getvalue()


def windows_program() -> bytes:
    """The head of a PE file, as `notepad.exe` begins."""
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    return dos + b"PE\0\0" + struct.pack("<HH", 0x8664, 1) + bytes(300)


def linux_program() -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + bytes(100)


def zip_bomb(depth: int = 3) -> bytes:
    """Ten megabytes of nothing, ten times, in a zip in a zip in a zip."""
    inner = bytes(10 * MEGABYTE)
    name = "0.txt"
    for level in range(depth):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for at in range(10 if level else 1):
                archive.writestr(f"{at}-{name}", inner)
        inner, name = sink.getvalue(), "more.zip"
    return inner


def word_document() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return sink.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    sum_of = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", sum_of)


def png_bomb(width: int, height: int, *, stored: int = MEGABYTE) -> bytes:
    """A picture that claims its size in a kilobyte of compressed nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(stored), 9))
        + _chunk(b"IEND", b"")
    )


def paper_with_script_and_program(*, hidden: bool = False) -> bytes:
    """Runs a script when a viewer opens it, and has a program in it. ``hidden``: its words are
    written so that whoever looks for them in the bytes finds none."""
    catalog = (
        b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /Names << "
        b"/JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert\\(1\\)) >>] >> "
        b"/EmbeddedFiles << /Names [(inside.exe) << /Type /Filespec /F (inside.exe) "
        b"/EF << /F 4 0 R >> >>] >> >>"
    )
    program = windows_program()
    file = b"<< /Type /EmbeddedFile /Length %d >>\nstream\n%b\nendstream" % (
        len(program),
        program,
    )
    if hidden:
        for word in (b"JavaScript", b"JS", b"EmbeddedFile", b"Filespec"):
            name = b"/" + b"".join(b"#%02x" % byte for byte in word)
            catalog, file = catalog.replace(b"/" + word, name), file.replace(b"/" + word, name)
    return _pdf([_ONE_SHEET, _PAGE, file], catalog=catalog)


def paper_that_says(catalog: bytes) -> bytes:
    """One page, and this in its catalogue."""
    return _pdf([_ONE_SHEET, _PAGE], catalog=catalog)


def paper_of_a_million_pages() -> bytes:
    """One page, and a tree that says it has a million of them."""
    return _pdf([b"<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>", _PAGE])


def paper_bomb(megabytes: int = 256) -> bytes:
    """A page whose content is megabytes of spaces, compressed to some kilobytes."""
    packing = zlib.compressobj(9)
    first, again = (
        packing.compress(b" " * MEGABYTE) + packing.flush(zlib.Z_FULL_FLUSH) for _ in range(2)
    )
    content = first + again * (megabytes - 1)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (
        len(content),
        content,
    )
    page = _PAGE.replace(b">>", b"/Contents 4 0 R >>")
    return _pdf([_ONE_SHEET, page, stream])


_ONE_SHEET = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"


def _pdf(objects: list[bytes], *, catalog: bytes = b"") -> bytes:
    made, places = b"%PDF-1.7\n", []
    root = b"<< /Type /Catalog /Pages 2 0 R %b >>" % catalog
    for number, body in enumerate([root, *objects], start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return (
        made
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    )
