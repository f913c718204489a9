"""The look: colours, metrics and icons of the light and the dark theme, applied to Qt once."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from o365desk.resources import resource_path

GRID = 8
"""Every distance is a multiple or a half of this, in device-independent pixels."""

ROW_HEIGHT = 32
RADIUS = 4


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they mean. Text colours reach 4.5:1 on `base` and `surface`."""

    dark: bool
    base: str
    """Behind tables, fields and dialogs' content."""
    surface: str
    """Behind headers and bars."""
    rail: str
    border: str
    text: str
    muted: str
    """Secondary text, and the whole row of a deleted user."""
    hover: str
    selected: str
    accent: str
    on_accent: str
    link: str
    danger: str
    on_danger: str
    warning: str
    good: str
    practice: str
    """Tint of the freshness line on the practice directory."""
    on_practice: str
    practice_edge: str
    """Of the window, on the practice directory."""
    snapshot: str
    on_snapshot: str
    snapshot_aged: str
    """Stronger: of a snapshot that is not of the last day."""
    on_snapshot_aged: str
    snapshot_edge: str


LIGHT = Theme(
    dark=False,
    base="#ffffff",
    surface="#f6f7f9",
    rail="#eceef2",
    border="#d9dde3",
    text="#1b1f24",
    muted="#5d6571",
    hover="#f0f3f8",
    selected="#dde8fa",
    accent="#1f5fbf",
    on_accent="#ffffff",
    link="#1f5fbf",
    danger="#b3261e",
    on_danger="#ffffff",
    warning="#8a5700",
    good="#1a6e37",
    practice="#fdf0cf",
    on_practice="#6b4700",
    practice_edge="#e3b341",
    snapshot="#dfe7f3",
    on_snapshot="#2c4468",
    snapshot_aged="#b9c9e4",
    on_snapshot_aged="#1c3050",
    snapshot_edge="#6f8fc0",
)

DARK = Theme(
    dark=True,
    base="#1b1d21",
    surface="#22252a",
    rail="#16181b",
    border="#393e46",
    text="#e7e9ec",
    muted="#a0a8b4",
    hover="#272b31",
    selected="#23395c",
    accent="#5b9bf5",
    on_accent="#0c1522",
    link="#7fb2f8",
    danger="#f58a84",
    on_danger="#2a0806",
    warning="#e7b35a",
    good="#7fd18b",
    practice="#3d3113",
    on_practice="#f3d48a",
    practice_edge="#8f6f22",
    snapshot="#24324a",
    on_snapshot="#bcd0f0",
    snapshot_aged="#33507f",
    on_snapshot_aged="#e3ecfb",
    snapshot_edge="#5b7fb8",
)


def current() -> Theme:
    """The theme that is applied now."""
    return DARK if _is_dark(QGuiApplication.palette()) else LIGHT


def wanted() -> Theme:
    """The theme the system asks for."""
    dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def apply(app: QApplication, theme: Theme | None = None) -> None:
    """Gives the application its style; call again when the system's colour scheme changes."""
    apply_colours(app, theme)
    app.setStyleSheet(_style_sheet(theme or wanted()))


def apply_colours(app: QApplication, theme: Theme | None = None) -> None:
    """All of `apply` but the style sheet. Widgets made under a style sheet are styled anew each
    time they find a parent, so a window is built under the colours alone and dressed whole."""
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(_palette(theme or wanted()))


def _is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in (
        (role.Window, theme.surface),
        (role.WindowText, theme.text),
        (role.Base, theme.base),
        (role.AlternateBase, theme.surface),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.surface),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.on_accent),
        (role.ToolTipBase, theme.surface),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.selected),
        (role.HighlightedText, theme.text),
        (role.Accent, theme.accent),
        (role.Link, theme.link),
        (role.LinkVisited, theme.link),
        (role.Light, theme.base),
        (role.Midlight, theme.hover),
        (role.Mid, theme.border),
        (role.Dark, theme.muted),
        (role.Shadow, theme.border),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.BrightText):
        faded = QColor(theme.muted)
        faded.setAlphaF(0.7)
        palette.setColor(QPalette.ColorGroup.Disabled, which, faded)
    return palette


@lru_cache(maxsize=4)
def _style_sheet(theme: Theme) -> str:
    """`resources/style.qss` with `@name` replaced by the theme's colours."""
    sheet = resource_path("style.qss").read_text(encoding="utf-8")
    names = sorted(Theme.__dataclass_fields__, key=len, reverse=True)
    for name in names:
        sheet = sheet.replace(f"@{name}", str(getattr(theme, name)))
    return sheet.replace("@icons", icon_folder().as_posix())


def icon_folder() -> Path:
    """Folder of the line icons."""
    return resource_path("icons")


class _LineIcon(QIconEngine):
    """Paints a line icon in a colour of the palette at paint time, so that a change of theme
    needs no new icons, and at the device's own resolution."""

    def __init__(self, name: str, role: QPalette.ColorRole) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        disabled = mode is QIcon.Mode.Disabled
        group = QPalette.ColorGroup.Disabled if disabled else QPalette.ColorGroup.Active
        paint_icon(painter, self._name, rect, QGuiApplication.palette().color(group, self._role))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPointF(0, 0).toPoint(), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _LineIcon(self._name, self._role)


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText) -> QIcon:
    """The line icon `resources/icons/<name>.svg` in a colour of the palette."""
    return QIcon(_LineIcon(name, role))


def paint_icon(painter: QPainter, name: str, rect: QRect, colour: QColor) -> None:
    """Draws a line icon centred in `rect`, as large as its shorter side."""
    device = painter.device()
    ratio = device.devicePixelRatio()
    side = min(rect.width(), rect.height())
    pixmap = _icon_pixmap(name, colour.rgba(), side, ratio)
    x = rect.x() + (rect.width() - side) / 2
    y = rect.y() + (rect.height() - side) / 2
    painter.drawPixmap(QPointF(x, y), pixmap)


@lru_cache(maxsize=512)
def _icon_pixmap(name: str, rgba: int, side: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer  # at first use: start-up paints few icons

    colour = QColor.fromRgba(rgba)
    svg = (icon_folder() / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour.name()).encode()))
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(colour.alphaF())
    renderer.render(painter, QRectF(0, 0, side * ratio, side * ratio))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
