"""Makes the .deb of a built bundle; run by `make deb`.

    python packaging/deb.py

What it depends on is read from the bundle's own binaries. Two runs over the same bundle make the
same file: its times are SOURCE_DATE_EPOCH, or that of the last commit.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path

import elf
import icons
import licenses
from release import BUNDLE, DIST, ROOT, VERSION, source_date

MAINTAINER = "o365desk contributors <noreply@o365desk.invalid>"
COMPONENT = "org.o365desk.o365desk"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libcrypto.so.3": "libssl3t64 | libssl3",
    "libcups.so.2": "libcups2t64 | libcups2",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libffi.so.8": "libffi8",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "liblzma.so.5": "liblzma5",
    "libsqlite3.so.0": "libsqlite3-0",
    "libssl.so.3": "libssl3t64 | libssl3",
    "libstdc++.so.6": "libstdc++6",
    "libuuid.so.1": "libuuid1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""The Debian and Ubuntu package of each library that the bundle leaves to the system; the name
with t64 is that of systems with 64-bit time (Debian 13, Ubuntu 24.04 and later)."""

OF_GLIBC = {
    *("libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"),
    *("libresolv.so.2", "librt.so.1", "libutil.so.1"),
}


def depends(libraries: set[str], glibc: str) -> str:
    """The Depends line for libraries by soname. ValueError: one that PACKAGES does not know."""
    others = {name for name in libraries - OF_GLIBC if not name.startswith("ld-linux")}
    if unknown := sorted(others - PACKAGES.keys()):
        raise ValueError(f"Say in PACKAGES which packages bring {', '.join(unknown)}.")
    packages = sorted({PACKAGES[name] for name in others})
    return ", ".join(["ca-certificates", f"libc6 (>= {glibc})", *packages])


def control(architecture: str, size: int, libraries: str) -> str:
    """The control file; `size` in KiB."""
    return f"""\
Package: o365desk
Version: {VERSION}
Architecture: {architecture}
Maintainer: {MAINTAINER}
Installed-Size: {size}
Depends: {libraries}
Recommends: gnome-keyring | kwalletmanager | keepassxc, xdg-utils, fonts-dejavu-core
Suggests: fonts-noto-cjk, xdg-desktop-portal
Section: net
Priority: optional
Description: Office 365 users and licenses of many tenants in one window
 For Microsoft resellers, for organizations that manage their own tenant, and
 for helpdesks: give and take licenses, delete and restore users, reset
 passwords, create users, and watch the license counts of every customer.
 .
 It comes with its own Python and Qt in /usr/lib/o365desk.
"""


def stage(root: Path, date: int) -> None:
    """Lays out the installed files below `root`."""
    shutil.copytree(BUNDLE, root / "usr/lib/o365desk", symlinks=True)
    _link(root / "usr/bin/o365desk", "../lib/o365desk/o365desk")
    share = root / "usr/share"
    linux = ROOT / "packaging" / "linux"
    _write(share / "applications/o365desk.desktop", (linux / "o365desk.desktop").read_bytes())
    metainfo = (linux / "metainfo.xml").read_text(encoding="utf-8")
    metainfo = metainfo.replace("@COMPONENT@", COMPONENT).replace("@VERSION@", VERSION)
    metainfo = metainfo.replace("@DATE@", _day(date))
    _write(share / f"metainfo/{COMPONENT}.metainfo.xml", metainfo.encode())
    manual = (linux / "o365desk.1").read_text(encoding="utf-8").replace("@VERSION@", VERSION)
    _write(share / "man/man1/o365desk.1.gz", _gzip(manual.replace("@DATE@", _day(date)).encode()))
    hicolor = share / "icons/hicolor"
    for size in ICON_SIZES:
        _write(hicolor / f"{size}x{size}/apps/o365desk.png", icons.png(size))
    _write(hicolor / "scalable/apps/o365desk.svg", icons.SOURCE.read_bytes())
    documents = share / "doc/o365desk"
    _write(documents / "copyright", _copyright().encode())
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    _write(documents / "CHANGELOG.md.gz", _gzip(changes))
    _write(documents / "changelog.gz", _gzip(_changelog(date).encode()))
    _write(share / "lintian/overrides/o365desk", (linux / "lintian-overrides").read_bytes())


def _copyright() -> str:
    notice = (BUNDLE / "_internal/licenses/THIRD-PARTY.txt").read_text(encoding="utf-8")
    summary = notice.split(licenses.RULE)[0]
    return f"""\
{(ROOT / "LICENSE").read_text(encoding="utf-8")}
{summary}
On Debian systems the Apache License 2.0 and version 3 of the LGPL and GPL are in
/usr/share/common-licenses. All licenses in full: /usr/lib/o365desk/_internal/licenses.
"""


def _changelog(date: int) -> str:
    """Debian's form, in which only this version is told; CHANGELOG.md.gz has the rest."""
    return f"""\
o365desk ({VERSION}) unstable; urgency=medium

  * See CHANGELOG.md.gz.

 -- {MAINTAINER}  {formatdate(date)}
"""


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _day(date: int) -> str:
    return datetime.fromtimestamp(date, UTC).date().isoformat()


def build() -> Path:
    """The finished package."""
    date = source_date()
    architecture = _output("dpkg", "--print-architecture")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        stage(root, date)
        files = [p for p in sorted(root.rglob("*")) if p.is_file() and not p.is_symlink()]
        size = sum(path.stat().st_size for path in files) // 1024
        libraries = depends(elf.wanted(BUNDLE), elf.glibc(BUNDLE))
        _write(root / "DEBIAN/control", control(architecture, size, libraries).encode())
        sums = "".join(f"{_md5(path)}  {path.relative_to(root)}\n" for path in files)
        _write(root / "DEBIAN/md5sums", sums.encode())
        for path in [root, *root.rglob("*")]:
            if not path.is_symlink():
                runs = path.is_dir() or path == root / "usr/lib/o365desk/o365desk"
                path.chmod(0o755 if runs else 0o644)
            os.utime(path, (date, date), follow_symlinks=False)
        package = DIST / f"o365desk_{VERSION}_{architecture}.deb"
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(date)}
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(package)]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return package


def _md5(path: Path) -> str:
    """What dpkg --verify compares; no protection against anybody."""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    made = build()
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.0f} MB")
