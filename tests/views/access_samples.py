"""What the tests of connections and sign-in share: connections, and looking at every control."""

from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QWidget,
)

from o365desk.domain.connections import Cloud, Connection, Mode

APP = "00001111-aaaa-2222-bbbb-3333cccc4444"
LONG = "Internationale Gesellschaft für die technische Zusammenarbeit & Entwicklung der Länder mbH"
RIGHT_TO_LEFT = "شركة الاتصالات السعودية"

FABRIKAM = Connection("fabrikam", "Fabrikam's customers", Mode.RESELLER, "fabrikam.example", APP)
CONTOSO = Connection("contoso", LONG, Mode.DIRECT, "contoso.com", APP)
MANAGED = Connection("set", RIGHT_TO_LEFT, Mode.DIRECT, "saudi.example", APP, managed=True)
PRACTICE = Connection(
    "practice", "Practice directory", Mode.RESELLER, "", APP, Cloud.PRACTICE, sign_in=False
)

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
)


def nameless(dialog: QDialog) -> list[QWidget]:
    """Visible controls that a screen reader could not name."""
    found: list[QWidget] = []
    for widget in dialog.findChildren(QWidget):
        control = isinstance(widget, _CONTROLS) and not isinstance(widget, QHeaderView)
        if not control or not widget.isVisibleTo(dialog):
            continue
        text = widget.property("text")
        if not (widget.accessibleName() or text):
            found.append(widget)
    return found


def child(dialog: QDialog, kind: type[QDialog]) -> QDialog:
    """The dialog that a dialog has opened."""
    (found,) = (one for one in dialog.findChildren(kind) if one.isVisible())
    return found
