# Sourced by the other scripts: one way to speak to the person who waits, and to fail.
# shellcheck shell=sh

say() { printf '%s\n' "$*"; }

fail() {
    printf 'Lỗi: %s\n' "$*" >&2
    exit 1
}

# One digest of everything on standard input.
digest() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# patiently LABEL COMMAND…: runs COMMAND with its output kept in a file; a line each ten seconds shows that it lives.
# Returns COMMAND's status. After a failure the last lines of its output are shown.
patiently() {
    label=$1
    shift
    output=$(mktemp)
    began=$(date +%s)
    status=0
    say "$label…"
    # The pause must not hold our output open after the end, hence its own.
    (while sleep 10 >/dev/null 2>&1; do say "  … vẫn đang làm, đã $(($(date +%s) - began)) giây"; done) &
    heartbeat=$!
    trap 'kill "$heartbeat" 2>/dev/null; rm -f "$output"' EXIT
    trap 'exit 130' INT TERM
    "$@" >"$output" 2>&1 || status=$?
    kill "$heartbeat" 2>/dev/null || true
    wait "$heartbeat" 2>/dev/null || true
    if [ "$status" -eq 0 ]; then
        say "  xong sau $(($(date +%s) - began)) giây."
    else
        tail -n 15 "$output" | sed 's/^/  | /' >&2
    fi
    rm -f "$output"
    trap - EXIT INT TERM
    return "$status"
}
