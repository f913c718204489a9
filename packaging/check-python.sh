#!/bin/sh
# Looks whether the Python given as first argument can hold the program: right version, venv there.
set -eu
python=$1

if ! command -v "$python" >/dev/null; then
    echo "There is no $python here. Name a Python 3.11 to 3.14: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'; then
    echo "o365desk needs Python 3.11 to 3.14, and $python is $("$python" -V)." >&2
    echo "Name another one: make PYTHON=python3.12" >&2
    exit 1
fi
if "$python" -c 'import ensurepip, venv' 2>/dev/null; then exit 0; fi

if ! command -v apt-get >/dev/null; then
    echo "$python has no venv module. Install it with this system's package manager." >&2
    exit 1
fi
package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
if [ "$(id -u)" -ne 0 ]; then
    echo "$python has no venv module. Install it with the line below, then run the same command again:" >&2
    echo "" >&2
    echo "    sudo apt-get update && sudo apt-get install -y $package" >&2
    echo "" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$package" >/dev/null
