"""Draws the program's icon from resources/icons/o365desk.svg in the formats that systems ask for.

    python packaging/icons.py ico FILE | icns FILE | png SIZE FILE

Both containers hold plain PNGs:
https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
https://en.wikipedia.org/wiki/Apple_Icon_Image_format
"""

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SOURCE = Path(__file__).resolve().parent.parent / "resources" / "icons" / "o365desk.svg"
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
ICNS_SIZES = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic11": 32,
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
    b"ic10": 1024,
}
"""Each type of image in a macOS icon, and its side in pixels; the second line is for 2x screens."""


def png(size: int) -> bytes:
    """The icon as a PNG, `size` pixels wide and high."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub knows no str format
    return bytes(data.data())


def ico() -> bytes:
    """The icon of Windows."""
    images = [png(size) for size in ICO_SIZES]
    place = 6 + 16 * len(images)
    head = struct.pack("<HHH", 0, 1, len(images))
    for size, image in zip(ICO_SIZES, images, strict=True):
        side = size % 256  # a byte: 0 stands for 256
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(image), place)
        place += len(image)
    return head + b"".join(images)


def icns() -> bytes:
    """The icon of macOS."""
    body = b""
    for kind, size in ICNS_SIZES.items():
        image = png(size)
        body += kind + struct.pack(">I", len(image) + 8) + image
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    kind, *more = sys.argv[1:]
    made = png(int(more[0])) if kind == "png" else {"ico": ico, "icns": icns}[kind]()
    write(Path(more[-1]), made)
