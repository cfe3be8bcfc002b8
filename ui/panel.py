"""The base of everything on screen that has words or icons.

A panel binds texts and icons to setters once; they are set again whenever the language or the
theme changes. Texts that depend on what is shown are set in `retranslate`, after the bound
ones. Panels hold no rules: they emit signals and are given a view by ``present``.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from ui.look import Look

_MNEMONIC = re.compile(r"\s?\(&[^)]\)|&(?=\S)")


def without_mnemonic(text: str) -> str:
    """The text as it is spoken: no ``&`` and no ``(&K)`` of a Japanese label, no colon."""
    return _MNEMONIC.sub("", text).rstrip(":： ")


class Panel(QWidget):
    """A widget whose words and icons follow the language and the theme."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.look = look
        self._texts: list[tuple[Callable[[str], object], str, dict[str, object]]] = []
        self._icons: list[tuple[Callable[[QIcon], object], str, str]] = []
        self._shades: list[tuple[Callable[[str], object], str]] = []
        look.language.changed.connect(self.retranslate)
        look.theme.changed.connect(self.recolour)

    def bind(self, setter: Callable[[str], object], key: str, **params: object) -> None:
        """Call ``setter`` with the words of ``key``, now and at each change of language."""
        self._texts.append((setter, key, params))
        setter(self.look.words(key, **params))

    def unbind(self, setter: Callable[[str], object]) -> None:
        """Forget a binding, because its widget goes before the panel does."""
        self._texts = [bound for bound in self._texts if bound[0] != setter]

    def bind_icon(self, setter: Callable[[QIcon], object], icon: str, colour: str = "text") -> None:
        """Call ``setter`` with an icon in the named colour, now and at each change of theme."""
        self._icons.append((setter, icon, colour))
        setter(self.look.theme.icon(icon, getattr(self.look.theme.colours, colour)))

    def bind_colour(self, setter: Callable[[str], object], colour: str) -> None:
        """Call ``setter`` with the value of a named colour, now and at each change of theme."""
        self._shades.append((setter, colour))
        setter(getattr(self.look.theme.colours, colour))

    def retranslate(self) -> None:
        """Set every text again; extended by panels whose texts depend on what they show."""
        for setter, key, params in self._texts:
            setter(self.look.words(key, **params))

    def recolour(self) -> None:
        """Set every icon and colour again; extended by panels that paint by themselves."""
        for setter, icon, colour in self._icons:
            setter(self.look.theme.icon(icon, getattr(self.look.theme.colours, colour)))
        for shade, colour in self._shades:
            shade(getattr(self.look.theme.colours, colour))
        self.update()

    def retire(self) -> None:
        """The panel is about to go with its session: hand over what is not kept yet."""

    @contextmanager
    def keeping_keyboard(self) -> Iterator[None]:
        """If the widget of this panel that has the keyboard is hidden or disabled meanwhile, it
        goes where work begins; also while another window, such as a dialog, is in front."""
        focused = self.window().focusWidget()
        yield
        if focused is None or not self.isAncestorOf(focused):
            return
        if self.window().focusWidget() is not focused:
            self.enter()

    def enter(self) -> None:
        """The panel has become the visible page: put the focus where work begins."""
