"""What was sealed apart, as it is read on screen: in the words of the language in force.

The words are a property of the application, as its palette is: stored text is shown by widgets
that know no language.
"""

from PySide6.QtWidgets import QApplication

from desk_app.sensitive.placeholders import with_said

_PROPERTY = "sealed_placeholder"


def say_as(said: str) -> None:
    """From now on placeholders are shown as ``said``."""
    application = QApplication.instance()
    if application is not None:
        application.setProperty(_PROPERTY, said)


def shown(text: str) -> str:
    """Stored text as it is shown."""
    if "⟦" not in text:
        return text
    application = QApplication.instance()
    said = application.property(_PROPERTY) if application is not None else None
    return with_said(text, said or "[…]")
