#!/bin/sh
# Runs every test. Where a few fail, they alone run once more: a test that then passes is named as unsteady, and the run
# is green; one that fails twice is red (docs/decisions/0011-second-run.md).
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
most_to_repeat=5

status=0
"$python" -m pytest "$@" || status=$?
[ "$status" -eq 1 ] || exit "$status"

failed=.pytest_cache/v/cache/lastfailed
count=$("$python" -c 'import json, sys; print(len(json.load(open(sys.argv[1]))))' "$failed" 2>/dev/null || echo 999)
if [ "$count" -gt "$most_to_repeat" ]; then
    exit "$status"
fi
cp "$failed" var/unsteady-tests.json 2>/dev/null || true
echo "Chạy lại riêng $count bài vừa trượt…"
if "$python" -m pytest "$@" --last-failed --last-failed-no-failures=none -p no:randomly; then
    echo "CHƯA VỮNG: $count bài trượt lần đầu, đạt khi chạy riêng; tên bài ở phần trên."
    exit 0
fi
exit 1
