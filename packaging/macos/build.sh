#!/usr/bin/env bash
# Builds o365desk.app and a disk image of it, dist/o365desk-VERSION.dmg. On a Mac, in the checkout:
#
#   packaging/macos/build.sh
#
# PYTHON             the Python 3.11 to 3.14 to build with (python3)
# CODESIGN_IDENTITY  name of a "Developer ID Application" certificate; without it the app is signed
#                    for this Mac only, and others must allow it by hand
# NOTARY_PROFILE     profile kept by `xcrun notarytool store-credentials`: notarizes the image
#
# Not run yet: this was written on Linux, where the bundle's specification was run; checked with
# `bash -n` only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=.venv-package/bin/python
[ -x "$python" ] || "${PYTHON:-python3}" -m venv .venv-package
"$python" -m pip install --require-hashes -r requirements-package.lock
PYTHONHASHSEED=0 "$python" -m PyInstaller --noconfirm --log-level WARN \
    --distpath dist --workpath build/pyinstaller packaging/o365desk.spec

# What ships is what was tested: the packaged program walks through the main job.
dist/o365desk.app/Contents/MacOS/o365desk --demo --tour build/package-test

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' o365desk/__init__.py)
image=dist/o365desk-$version.dmg
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
cp -R dist/o365desk.app "$staged/"
ln -s /Applications "$staged/Applications"
hdiutil create -quiet -ov -volname "o365desk $version" -srcfolder "$staged" -format UDZO "$image"

if [ -n "${CODESIGN_IDENTITY:-}" ]; then
    codesign --verify --deep --strict dist/o365desk.app
    codesign --sign "$CODESIGN_IDENTITY" --timestamp "$image"
fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
echo "Made: $image"
