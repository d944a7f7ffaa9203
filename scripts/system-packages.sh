#!/bin/sh
# What the tests need from the system: Chromium (browser tests) and PostgreSQL (the city's database).
# Installs Debian's packages where they are missing and we are root. Otherwise says what to install and goes on:
# the tests that need them are then skipped, and say so.
set -eu
cd "$(dirname "$0")/.."
. scripts/progress.sh

has_chromium() { command -v chromium >/dev/null 2>&1; }

has_postgres() {
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        if [ -x "$initdb" ]; then return 0; fi
    done
    command -v initdb >/dev/null 2>&1
}

missing=""
has_chromium || missing="$missing chromium fonts-dejavu-core"
has_postgres || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    say "Máy này không có apt-get. Hãy tự cài$missing; chưa có thì các bài kiểm cần chúng được bỏ qua, có nêu lý do."
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    say "Chưa có$missing. Cài bằng: sudo apt install$missing. Chưa có thì các bài kiểm cần chúng được bỏ qua, có nêu lý do."
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
patiently "Đọc danh mục gói của hệ thống" apt-get update || say "Không đọc được danh mục mới, thử với danh mục đang có."
# Word splitting is meant: the list holds several names.
# shellcheck disable=SC2086
patiently "Cài gói hệ thống:$missing" apt-get install --yes --no-install-recommends $missing || {
    say "Không cài được$missing; các bài kiểm cần chúng được bỏ qua, có nêu lý do."
}
