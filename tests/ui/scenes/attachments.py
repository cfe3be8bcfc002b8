"""The attachments of a case: with a photo that was really decoded, asked about, empty."""

import io
from dataclasses import replace
from datetime import timedelta

from PIL import Image, ImageDraw
from PySide6.QtWidgets import QWidget

from desk_app.cases.attachments.pages import AttachmentRow
from desk_app.cases.attachments.rules import FileKind, Remark
from desk_app.cases.attachments.viewer_process import answered
from desk_app.cases.attachments.viewing import Seen
from tests.ui.scenes import Scene
from tests.ui.scenes.cases import NOW, TOKYO, case_of
from ui.cases.attachments_view import AttachmentsView
from ui.look import Look


def _row(number: int, kind: FileKind, name: str, size_bytes: int) -> AttachmentRow:
    return AttachmentRow(
        id=number,
        number=number,
        kind=kind,
        name=name,
        size_bytes=size_bytes,
        pages=1,
        width_px=None,
        height_px=None,
        remarks=(),
        added_at=NOW - timedelta(hours=4 - number),
        added_by="佐藤 花子",
        withdrawn_at=None,
        withdrawn_by=None,
        reason="",
    )


ROWS = (
    replace(
        _row(1, FileKind.JPEG, "IMG_2041.jpeg", 3_412_009),
        width_px=4032,
        height_px=3024,
        remarks=(Remark.TRAILING,),
    ),
    replace(_row(2, FileKind.PDF, "お申し出の手紙(髙橋様).pdf", 181_220), pages=3),
    replace(
        _row(3, FileKind.TIFF, "", 40_112),
        withdrawn_at=NOW,
        withdrawn_by="Anna Schmidt",
        reason="別のお客様の書類だったため",
    ),
)


def photo() -> bytes:
    """A nail clipper on a table, more or less."""
    made = Image.linear_gradient("L").resize((1600, 1200)).convert("RGB")
    draw = ImageDraw.Draw(made)
    draw.rounded_rectangle((300, 500, 1300, 700), 90, fill="#c9ced6", outline="#5b6470", width=12)
    draw.ellipse((1120, 540, 1240, 660), fill="#7c8794")
    sink = io.BytesIO()
    made.save(sink, "JPEG")
    return sink.getvalue()


def _seen() -> Seen:
    answer, points = answered(FileKind.JPEG, photo(), {"page": 0, "longest_px": 1600})
    return Seen(3, answer["width_px"], answer["height_px"], points, 1600, 1200, frozenset())


def _view(look: Look) -> AttachmentsView:
    return AttachmentsView(look, zone=TOKYO, may_work=True, may_export=True)


def _in_case(look: Look, view: AttachmentsView) -> QWidget:
    page = case_of(look)
    page.book.add("attachments", "ui_cases.tab_attachments", lambda: view)
    page.book.bar.setCurrentIndex(1)
    return page


def _filled(look: Look) -> AttachmentsView:
    view = _view(look)
    view.present(ROWS)
    view.choose(1)
    view.preview.show_seen(_seen(), page=1, remarks=ROWS[0].remarks)
    return view


def _withdrawing(look: Look) -> QWidget:
    view = _filled(look)
    view.remove.click()
    return _in_case(look, view)


def _saving(look: Look) -> QWidget:
    view = _filled(look)
    view.save.click()
    return _in_case(look, view)


def _adding(look: Look) -> QWidget:
    view = _filled(look)
    view.set_busy(0.4)
    return _in_case(look, view)


def _refused(look: Look) -> QWidget:
    view = _view(look)
    view.present(ROWS[1:])
    view.show_failures(
        [
            ("photo gpj.exe", "attachments.program", {"system": "Windows"}),
            ("写真まとめ.zip", "attachments.archive", {}),
        ]
    )
    return _in_case(look, view)


def _text(look: Look) -> QWidget:
    view = _view(look)
    view.present((_row(1, FileKind.TEXT, "mail.txt", 900),))
    view.preview.show_text("拝啓\n<b>爪切り</b>のばねが外れました。\n敬具", remarks=())
    return _in_case(look, view)


SCENES: dict[str, Scene] = {
    "photo": lambda look: _in_case(look, _filled(look)),
    "withdrawing": _withdrawing,
    "saving": _saving,
    "adding": _adding,
    "refused": _refused,
    "text": _text,
    "none": lambda look: _in_case(look, _view(look)),
}
