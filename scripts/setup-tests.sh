#!/bin/sh
# Everything `make test` needs: Python packages, the model and, meanwhile, packages of the system.
set -eu
cd "$(dirname "$0")/.."

# The two downloads have nothing to do with each other; together they take as long as the slower one.
{ sh scripts/system-packages.sh 2>&1 || true; } | sed 's/^/[hệ thống] /' &
system=$!
status=0
sh scripts/setup.sh dev || status=$?
wait "$system"
exit "$status"
