#!/bin/sh
# Runs uv, and installs it from PyPI when it is missing: for the user, or where the system refuses that into .venv-uv
# (with pip, or where there is no pip with the one of a virtual environment).
set -eu
python=${PYTHON:-python3}
private=.venv-uv

find_uv() {
    # It may be installed beside the interpreter or for the user without being on the PATH.
    beside=$("$python" -c 'import sysconfig; print(sysconfig.get_path("scripts"))')/uv
    for candidate in "$(command -v uv || true)" "$private/bin/uv" "$beside" "$("$python" -m site --user-base)/bin/uv"; do
        if [ -n "$candidate" ] && [ -x "$candidate" ]; then
            echo "$candidate"
            return
        fi
    done
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Mneme needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Name another: make PYTHON=python3.12" >&2
    exit 1
}
uv=$(find_uv)
if [ -z "$uv" ]; then
    echo "Installing uv from PyPI..." >&2
    "$python" -m pip install --quiet --user uv >/dev/null 2>&1 ||
        "$python" -m pip install --quiet --target "$private" uv >/dev/null 2>&1 || {
        "$python" -m venv "$private" && "$private/bin/python" -m pip install --quiet uv
    } || {
        echo "Could not install uv. Install it as https://docs.astral.sh/uv describes, then run make again." >&2
        exit 1
    }
    uv=$(find_uv)
fi
# The interpreter that was checked above makes the environment; uv would otherwise download its own.
export UV_PYTHON="${UV_PYTHON:-$python}"
exec "$uv" "$@"
