#!/bin/sh
# Brings .venv to what the lock files say and builds the model. Does nothing, quickly, when nothing changed.
# Usage: scripts/setup.sh [runtime|dev]   ("dev" adds what tests and checks need)
# PYTHON names the interpreter to build .venv with; otherwise the first of 3.11 or newer that is found.
set -eu
cd "$(dirname "$0")/.."
. scripts/progress.sh

wanted=${1:-runtime}
venv_python=.venv/bin/python
case $wanted in
    runtime) lock=requirements.txt ;;
    dev) lock=requirements-dev.txt ;;
    *) fail "scripts/setup.sh nhận runtime hoặc dev, không nhận “$wanted”." ;;
esac

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
        if command -v "$candidate" >/dev/null 2>&1 && new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "cần Python 3.11 trở lên. Trên Debian, Ubuntu: sudo apt install python3 python3-venv (hoặc đặt PYTHON=đường-dẫn)."
}

# What .venv must hold: the locks, the project's own description, its top-level packages, and the place it lies in
# (scripts in .venv/bin name their interpreter by its full path).
key_of() {
    {
        pwd
        ls -d ./*/__init__.py
        cat pyproject.toml requirements-bootstrap.txt requirements.txt "$1"
    } | digest
}

current() { [ -f ".venv/stamp-$1" ] && [ "$(cat ".venv/stamp-$1")" = "$(key_of "$2")" ]; }

make_venv() {
    if new_enough "$venv_python" && { [ ! -f .venv/stamp-place ] || [ "$(cat .venv/stamp-place)" = "$(pwd)" ]; }; then
        return
    fi
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
        fail "$python thiếu mô-đun venv. Trên Debian, Ubuntu: sudo apt install python3-venv."
    patiently "Tạo môi trường Python riêng trong .venv" "$python" -m venv --clear .venv ||
        fail "không tạo được .venv; kiểm tra quyền ghi và chỗ trống trên đĩa."
}

# A mirror or a certificate that pip was told of serves uv too, which does not read pip's settings by itself.
share_pip_settings() {
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        mirror=${PIP_INDEX_URL:-$("$venv_python" -m pip config get global.index-url 2>/dev/null || true)}
        if [ -n "$mirror" ]; then export UV_DEFAULT_INDEX="$mirror"; fi
    fi
    if [ -z "${SSL_CERT_FILE:-}" ] && [ -n "${PIP_CERT:-}" ]; then export SSL_CERT_FILE="$PIP_CERT"; fi
}

# The locks carry the hash of every file, so whoever serves the files cannot change them.
with_uv() { .venv/bin/uv pip install --quiet --python "$venv_python" --require-hashes -r "$1"; }
with_pip() { "$venv_python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"; }

install_lock() {
    label="Tải và cài thư viện theo $lock ($(grep -c '^[a-z0-9].*==' "$lock") gói, có kiểm mã băm)"
    if [ -x .venv/bin/uv ]; then
        share_pip_settings
        patiently "$label" with_uv "$lock" && return
        say "uv không cài được, chuyển sang pip (chậm hơn)."
    fi
    patiently "$label bằng pip" with_pip "$lock" || fail "không cài được thư viện; kiểm tra đường mạng rồi chạy lại."
}

install_project() {
    set -- --quiet --no-deps --no-build-isolation --no-index --editable .
    .venv/bin/uv pip install --python "$venv_python" "$@" || "$venv_python" -m pip install "$@"
}

install_packages() {
    make_venv
    patiently "Tải công cụ cài đặt" with_pip requirements-bootstrap.txt ||
        fail "không tải được công cụ cài đặt; kiểm tra đường mạng rồi chạy lại."
    install_lock
    patiently "Cài chính Hỏi Xã" install_project || fail "không cài được Hỏi Xã vào .venv."
    pwd >.venv/stamp-place
    key_of "$lock" >".venv/stamp-$wanted"
    # Python would translate each file at its first use, and the first start would wait for it. The model takes one
    # core for half a minute; the other does this meanwhile. Nothing depends on it, so nothing waits for it either.
    nice "$venv_python" -m compileall -q -j 1 .venv/lib bot commands emulator knowledge webhooks >/dev/null 2>&1 &
}

# The tools for development come on top of the runtime lock, so a current dev set-up serves for both.
if ! new_enough "$venv_python" || { ! current "$wanted" "$lock" && ! current dev requirements-dev.txt; }; then
    install_packages
fi

# The model is kept by the hash of its data; this quicker digest of the whole package only spares asking Python for it.
material=$(cat intents/*.py intents/data/* | digest)
if [ ! -f .venv/stamp-model ] || [ "$(sed -n 1p .venv/stamp-model)" != "$material" ] ||
    [ ! -f "$(sed -n 2p .venv/stamp-model)/model.json" ]; then
    say "Dựng mô hình hiểu tiếng Việt (một lần, khoảng một đến hai phút)…"
    "$venv_python" -m intents.build || fail "không dựng được mô hình hiểu tiếng Việt."
    folder=$("$venv_python" -c 'from intents.build import artefact_folder; print(artefact_folder())')
    printf '%s\n%s\n' "$material" "$folder" >.venv/stamp-model
fi
