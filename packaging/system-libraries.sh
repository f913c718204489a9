#!/bin/sh
# Looks whether the shared libraries that Qt's wheels expect of a Linux system are there, and
# installs the missing ones: as root through apt, otherwise it says which line to type and fails.
#
#   sh packaging/system-libraries.sh               what Qt needs to start, with or without a screen
#   sh packaging/system-libraries.sh window        and what it needs to open a window
#   sh packaging/system-libraries.sh bundle PYTHON and what it takes to build a bundle
#   sh packaging/system-libraries.sh screen        a screen without a monitor, to test the bundle on
#   sh packaging/system-libraries.sh secrets       a store of secrets, to test the sign-in's key with
set -eu

[ "$(uname -s)" = Linux ] || exit 0

# shared library or command, and the Debian and Ubuntu package that brings it
needed="
libEGL.so.1            libegl1
libGL.so.1             libgl1
libglib-2.0.so.0       libglib2.0-0
libgthread-2.0.so.0    libglib2.0-0
libdbus-1.so.3         libdbus-1-3
libfontconfig.so.1     libfontconfig1
libfreetype.so.6       libfreetype6
libX11.so.6            libx11-6
libxkbcommon.so.0      libxkbcommon0
libbrotlidec.so.1      libbrotli1
libgssapi_krb5.so.2    libgssapi-krb5-2
"
x11="
libX11-xcb.so.1        libx11-xcb1
libxcb-cursor.so.0     libxcb-cursor0
libxcb-icccm.so.4      libxcb-icccm4
libxcb-keysyms.so.1    libxcb-keysyms1
libxcb-randr.so.0      libxcb-randr0
libxcb-shape.so.0      libxcb-shape0
libxcb-sync.so.1       libxcb-sync1
libxcb-xfixes.so.0     libxcb-xfixes0
libxcb-xkb.so.1        libxcb-xkb1
libxkbcommon-x11.so.0  libxkbcommon-x11-0
"
wayland="
libwayland-client.so.0 libwayland-client0
libwayland-cursor.so.0 libwayland-cursor0
"
printing="
libcups.so.2           libcups2
"
tools="
objcopy                binutils
"
screen="
Xvfb                   xvfb
"
secrets="
dbus-run-session       dbus-daemon
gnome-keyring-daemon   gnome-keyring
"
case "${1:-}" in
window)
    if [ -n "${WAYLAND_DISPLAY:-}" ]; then needed="$needed$wayland"; fi
    if [ -n "${DISPLAY:-}" ]; then needed="$needed$x11"; fi
    ;;
bundle)
    # Debian's python3 has Python inside itself; a bundle needs it as a library.
    python=$("$2" -c '
import os, sysconfig
name, folder = map(sysconfig.get_config_var, ("INSTSONAME", "LIBDIR"))
if ".so" in name and not os.path.exists(os.path.join(folder, name)):
    print(name, "libpython" + sysconfig.get_python_version())')
    needed="$needed$x11$wayland$printing$tools$python"
    ;;
screen) needed=$screen ;;
secrets) needed=$secrets ;;
esac

PATH="$PATH:/usr/sbin:/sbin"
if ! command -v ldconfig >/dev/null; then exit 0; fi # no glibc: pip will say that no wheel fits
present=$(ldconfig -p)

missing=""
missing_packages=""
while read -r name package; do
    case "$name" in
    "") continue ;;
    *.so*) case "$present" in *"$name "*) continue ;; esac ;;
    *) if command -v "$name" >/dev/null; then continue; fi ;;
    esac
    missing="$missing $name"
    case "$missing_packages " in *" $package "*) ;; *) missing_packages="$missing_packages $package" ;; esac
done <<END
$needed
END

if [ -z "$missing" ]; then exit 0; fi

echo "This needs what the system lacks:$missing"
if ! command -v apt-get >/dev/null; then
    echo "Install it with this system's package manager, then run the same command again." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Install it with the line below, then run the same command again:" >&2
    echo "" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing_packages" >&2
    echo "" >&2
    exit 1
fi
echo "Installing$missing_packages"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list of names, split on purpose
apt-get install -y -qq --no-install-recommends $missing_packages >/dev/null
