"""What a file is, whatever it is called; and what it is called, whatever somebody wrote."""

import gzip
import io
import tarfile
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desk_app.cases.attachments.intake import read_once
from desk_app.cases.attachments.names import NAME_LIMIT, clean_name
from desk_app.cases.attachments.rules import (
    FILE_LIMIT_BYTES,
    FileKind,
    kind_of,
    text_of,
    trailing,
)
from desk_app.errors import Refused
from tests.cases.attachments import samples

LETTER = "拝啓\n爪切りのばねが外れました。写真を同封します。\n敬具\n"


def tarred() -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return sink.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (samples.picture("JPEG"), FileKind.JPEG),
        (samples.picture("JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"), FileKind.JPEG),
        (samples.picture("PNG"), FileKind.PNG),
        (samples.picture("WEBP"), FileKind.WEBP),
        (samples.fax(), FileKind.TIFF),
        (samples.paper(), FileKind.PDF),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40), FileKind.HEIC),
        (LETTER.encode(), FileKind.TEXT),
        (LETTER.encode("utf-8-sig"), FileKind.TEXT),
        (LETTER.encode("cp932"), FileKind.TEXT),
        (LETTER.encode("utf-16"), FileKind.TEXT),
        (LETTER.encode("iso2022_jp"), FileKind.TEXT),
        (b"BMW 3er, Nagelknipser im Handschuhfach", FileKind.TEXT),
    ],
)
def test_what_is_accepted(content: bytes, kind: FileKind) -> None:
    for name in ("foto.jpg", "letter.exe", "", "x" * 1000):
        assert kind_of(content, name) is kind
    assert not trailing(kind, content)
    if kind is FileKind.TEXT:
        assert text_of(content) in (LETTER, content.decode(errors="ignore"))


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        (b"", "empty", {}),
        (bytes(FILE_LIMIT_BYTES + 1), "too_large", {"limit": 20}),
        (samples.windows_program(), "program", {"system": "Windows"}),
        (samples.linux_program(), "program", {"system": "Linux"}),
        (b"\xcf\xfa\xed\xfe" + bytes(40), "program", {"system": "macOS"}),
        (b"\x4c\0\0\0\x01\x14\x02\0" + bytes(60), "program", {"system": "Windows"}),
        (samples.zip_bomb(), "archive", {}),
        (gzip.compress(bytes(100_000)), "archive", {}),
        (tarred(), "archive", {}),
        (b"Rar!\x1a\x07\x01\0" + bytes(20), "archive", {}),
        (b"\x21\x00-lh5-" + bytes(20), "archive", {}),
        (samples.word_document(), "office_document", {}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "office_document", {}),
        (b"{\\rtf1 {\\object\\objdata 0105}}", "office_document", {}),
        (b"#!/bin/sh\nrm -rf ~\n", "script", {}),
        (b"\xef\xbb\xbf<!-- x --> <HTML><script>fetch('/')</script>", "web_page", {}),
        (b"<?xml version='1.0'?>\n<svg onload='alert(1)'/>", "web_page", {}),
        (b"GIF89a" + bytes(20), "other_picture", {}),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "media", {}),
        (b"ID3\x04" + bytes(40), "media", {}),
        (bytes(100), "unknown_kind", {}),
        (b" %PDF-1.7" + bytes(20), "unknown_kind", {}),
    ],
)
def test_what_is_refused_says_what_it_is(
    content: bytes, code: str, params: dict[str, object]
) -> None:
    for name in ("photo.jpg", "Brief.pdf", "photo\u202egpj.exe"):
        with pytest.raises(Refused) as refused:
            kind_of(content, name)
        assert refused.value.code == f"attachments.{code}"
        assert refused.value.params == params


@pytest.mark.parametrize(
    "name",
    [
        *("start.bat", "x.PS1", "photo.jpg.vbs", "a.html", "run.cmd ", "run.bat."),
        *("run.bat\u200b", "run.bat\u202e", "run.bat\u200d", "x.lnk\0", "x.url\u3000"),
    ],
)
def test_a_text_that_is_called_a_script_is_one(name: str) -> None:
    with pytest.raises(Refused, match=r"attachments\.script"):
        kind_of(b"echo hello", name)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_follows_the_end_of_a_picture_is_seen(form: str) -> None:
    content = samples.picture(form)
    kind = kind_of(content, "")
    assert not trailing(kind, content + b"\0\0\n")
    assert trailing(kind, content + samples.word_document())
    paper = samples.paper() + samples.windows_program()
    assert trailing(FileKind.PDF, paper)
    assert trailing(FileKind.PDF, paper + b"\n%%EOF\n"), "a mark of the end alone ends nothing"


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg", "tiff_deflate"])
def test_what_follows_the_end_of_a_tiff_is_seen(compression: str) -> None:
    for content in (samples.picture("TIFF", compression=compression), samples.fax()):
        assert not trailing(FileKind.TIFF, content + b"\0\0\n")
        assert trailing(FileKind.TIFF, content + samples.windows_program())
        for cut in range(8, len(content), 97):
            trailing(FileKind.TIFF, content[:cut])


def test_a_thumbnail_is_not_the_end_of_its_picture() -> None:
    thumbnail = samples.picture("JPEG", (16, 16))
    segment = b"\xff\xe2" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = samples.picture("JPEG")
    assert not trailing(FileKind.JPEG, whole[:2] + segment + whole[2:])


@given(st.binary(max_size=400), st.sampled_from(list(FileKind)), st.text(max_size=30))
@example(b"\xff\xd8\xff\xff\xff", FileKind.JPEG, "")
@example(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIEND", FileKind.PNG, "")
@settings(max_examples=150)
def test_no_bytes_disturb_the_decision(content: bytes, kind: FileKind, name: str) -> None:
    heads = {
        FileKind.JPEG: b"\xff\xd8\xff",
        FileKind.PNG: b"\x89PNG\r\n\x1a\n",
        FileKind.PDF: b"%PDF-",
        FileKind.TIFF: b"II*\0",
    }
    for tried in (content, heads.get(kind, b"") + content):
        trailing(kind, tried)
        with suppress(Refused):
            assert kind_of(tried, name) is not FileKind.TEXT or text_of(tried) is not None


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("C:\\Users\\me\\foto.jpg", "foto.jpg"),
        ("../../etc/passwd", "passwd"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("CON", "_CON"),
        ("nul.jpg", "_nul.jpg"),
        ("a\0b\nc\td.pdf", "ab c d.pdf"),
        ("は\u3099ね.jpg", "ばね.jpg"),
        ("<b>fett</b>.jpg", "b>.jpg"),
        (" . . ", ""),
    ],
)
def test_a_name_is_shown_for_what_it_is(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
@example("x" * 1000 + ".jpg")
@example("\ud800" * 500)
def test_no_name_hides_anything(given_name: str) -> None:
    name = clean_name(given_name)
    assert len(name) <= NAME_LIMIT
    assert not set(name) & set("/\\\0\r\n")
    assert all(unicodedata.category(one) not in ("Cc", "Cs") for one in name)
    assert not any(unicodedata.bidirectional(one) in ("RLO", "LRO", "RLE", "RLI") for one in name)
    assert clean_name(name) == name


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("x" * 1000 + ".jpeg").endswith("x.jpeg")


def test_only_files_are_read(tmp_path) -> None:
    import os

    (tmp_path / "large").write_bytes(b"")
    os.truncate(tmp_path / "large", FILE_LIMIT_BYTES + 1)
    (tmp_path / "small").write_bytes(b"Brief")
    assert read_once(tmp_path / "small") == b"Brief"
    expected = {"large": "too_large", ".": "no_file", "gone": "not_readable", "a\0": "not_readable"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # opening it waits for somebody to write
        expected["pipe"] = "no_file"
    for name, code in expected.items():
        with pytest.raises(Refused) as refused:
            read_once(tmp_path / name)
        assert refused.value.code == f"attachments.{code}"
        assert refused.value.__cause__ is None, "a path is personal"
