"""The two schemes can be read, and the shipped fonts and icons are the ones in use."""

import re

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from desk_app.settings import Theme as Scheme
from desk_app.words import resource_path
from ui.colours import DARK, LIGHT, Colours, Tone, contrast, palette
from ui.theme import FAMILY, Theme, font

TONES: tuple[Tone, ...] = ("neutral", "info", "success", "warning", "danger")
schemes = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@schemes
@pytest.mark.parametrize("ground", ["window", "surface", "raised"])
def test_text_can_be_read_on_every_ground(colours: Colours, ground: str) -> None:
    behind = getattr(colours, ground)
    for name in ("text", "muted", "accent", "info", "success", "warning", "danger"):
        assert contrast(getattr(colours, name), behind) >= 4.5, name
    assert contrast(colours.disabled, behind) >= 3
    assert contrast(colours.outline, behind) >= 3, "the edge of a control"


@schemes
@pytest.mark.parametrize("tone", TONES)
def test_text_can_be_read_on_washes(colours: Colours, tone: Tone) -> None:
    for shade in (colours.of(tone), colours.text):
        assert contrast(shade, colours.wash(tone)) >= 4.5


@schemes
def test_text_can_be_read_on_filled_controls(colours: Colours) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_danger, colours.danger) >= 4.5
    assert contrast(colours.on_selection, colours.selection) >= 4.5
    assert contrast(colours.accent, colours.accent_wash) >= 4.5
    assert contrast(colours.accent, colours.surface) >= 3, "the ring of the focus"


@schemes
def test_the_palette_sets_every_text_role(colours: Colours) -> None:
    made, role, group = palette(colours), QPalette.ColorRole, QPalette.ColorGroup
    pairs = (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.ButtonText, role.Button),
        (role.ToolTipText, role.ToolTipBase),
        (role.HighlightedText, role.Highlight),
        (role.PlaceholderText, role.Base),
        (role.Link, role.Base),
    )
    for front, behind in pairs:
        for which, least in ((group.Active, 4.5), (group.Inactive, 4.5), (group.Disabled, 3)):
            ratio = contrast(made.color(which, front).name(), made.color(which, behind).name())
            assert ratio >= least, (front, which)


def test_the_shipped_font_is_in_use(qapp: QApplication, theme: Theme) -> None:
    assert QFontInfo(qapp.font()).family() == FAMILY
    assert QFontInfo(font(bold=True)).bold()
    assert "Bold" in QFontDatabase.styles(FAMILY)
    metrics = QFontMetrics(font())
    for character in "髙﨑案件ｶﾅäöüßẞ①…▮":
        assert metrics.inFontUcs4(ord(character)), character


def test_icons_take_the_colour_they_are_asked_for(theme: Theme) -> None:
    picture = theme.icon("circle-check", "#ff0000").pixmap(24, 24).toImage()
    painted = {
        QColor(picture.pixel(x, y)).name()
        for x in range(24)
        for y in range(24)
        if picture.pixelColor(x, y).alpha() == 255
    }
    assert painted == {"#ff0000"}


def test_every_icon_named_in_the_code_is_shipped() -> None:
    shipped = {path.stem for path in resource_path("icons").glob("*.svg")}
    source = resource_path("..", "ui")
    named = {
        name
        for path in source.rglob("*.py")
        for name in re.findall(r'icon(?:=|\(\w*,? ?)"([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert named
    assert named <= shipped


def test_system_scheme_is_followed_only_while_wanted(theme: Theme) -> None:
    theme.choose(Scheme.DARK)
    assert theme.colours is DARK
    theme.choose(Scheme.LIGHT)
    assert theme.colours is LIGHT
