"""The two colour schemes, light and dark, and the arithmetic of contrast (WCAG 2.2).

Qt's own `setColorScheme` does nothing on offscreen, plain X11 and KDE, so both schemes are
spelled out. Pages name a colour by what it means, never by its value.
"""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtGui import QColor, QPalette

Tone = Literal["neutral", "info", "success", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one scheme, as ``#rrggbb``."""

    dark: bool
    window: str  # behind everything
    surface: str  # cards, fields, lists
    raised: str  # rail, headers, buttons
    text: str
    muted: str  # secondary text, still readable
    disabled: str
    line: str  # decorative separators
    outline: str  # edges that say "this is a control"
    accent: str
    on_accent: str
    accent_wash: str
    selection: str
    on_selection: str
    info: str
    info_wash: str
    success: str
    success_wash: str
    warning: str
    warning_wash: str
    danger: str
    danger_wash: str
    on_danger: str

    def of(self, tone: Tone) -> str:
        """The text and icon colour of a tone."""
        return self.muted if tone == "neutral" else str(getattr(self, tone))

    def wash(self, tone: Tone) -> str:
        """The background that belongs to a tone."""
        return self.raised if tone == "neutral" else str(getattr(self, f"{tone}_wash"))


LIGHT = Colours(
    dark=False,
    window="#f3f5f7",
    surface="#ffffff",
    raised="#e9edf1",
    text="#17212b",
    muted="#4f5c69",
    disabled="#7b8591",
    line="#d3dae1",
    outline="#768290",
    accent="#0f6175",
    on_accent="#ffffff",
    accent_wash="#dceef2",
    selection="#c9e4ea",
    on_selection="#0b2a33",
    info="#1b5a94",
    info_wash="#e3eef9",
    success="#1c6b3a",
    success_wash="#e0f2e6",
    warning="#7d4e00",
    warning_wash="#fdf0d5",
    danger="#a4231c",
    danger_wash="#fce8e6",
    on_danger="#ffffff",
)

DARK = Colours(
    dark=True,
    window="#12171c",
    surface="#1a2128",
    raised="#252e37",
    text="#e7ecf0",
    muted="#aab5c0",
    disabled="#7d8894",
    line="#323d48",
    outline="#768492",
    accent="#62bfd3",
    on_accent="#06222a",
    accent_wash="#14353f",
    selection="#1d4e5b",
    on_selection="#eefafd",
    info="#8cc0f2",
    info_wash="#15304a",
    success="#7fd19b",
    success_wash="#143423",
    warning="#f0c06a",
    warning_wash="#3a2c10",
    danger="#ff9d94",
    danger_wash="#43201e",
    on_danger="#2b0603",
)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4) for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def palette(colours: Colours) -> QPalette:
    """The Qt palette of a scheme, every role of every group set."""
    made = QPalette()
    role = QPalette.ColorRole
    shades = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.window,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.muted,
        role.Text: colours.text,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.danger,
        role.Light: colours.surface,
        role.Midlight: colours.raised,
        role.Mid: colours.line,
        role.Dark: colours.outline,
        role.Shadow: colours.line,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.on_selection,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
    }
    for which, value in shades.items():
        made.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.disabled))
    return made
