#!/usr/bin/env bash
# Asks a desk, with schemathesis, whatever its OpenAPI document lets one ask, for five minutes (or SECONDS), and holds its answers against the document. A vault of
# its own in a temporary folder; release binaries, which `make bench` builds first. Where schemathesis cannot be installed (pip, a network), it says
# so and exits with 3: nothing was checked.
#
#   bench/api/run.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

seconds=${1:-300}
binaries=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd)
tools=$root/bench/api/.venv
if [ ! -x "$tools/bin/schemathesis" ]; then
    if ! { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --requirement bench/api/requirements.txt; } >&2; then
        rm -rf "$tools"
        echo 'api: schemathesis could not be installed (python3-venv, pip, a network): NOT CHECKED' >&2
        exit 3
    fi
fi

work=$(mktemp -d)
desk=
finish() {
    [ -z "$desk" ] || kill "$desk" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
export COUNTERMARK_VAULT=$work/vault
"$binaries/countermark-bench" samples "$work/samples" >/dev/null
master=$(find "$work/samples" -name '*.mp4' | LC_ALL=C sort | head -n 1)
"$binaries/countermark-embed" vault init -q
"$binaries/countermark-embed" title add "$master" --title Demo -q

# A port of its own: the desk says which.
"$binaries/countermark-detect" serve --listen 127.0.0.1:0 >"$work/said" 2>&1 &
desk=$!
for _ in $(seq 100); do
    grep -q '^token: ' "$work/said" && break
    sleep 0.1
done
address=$(sed -n 's/^listening on //p' "$work/said")
SCHEMATHESIS_TOKEN=$(sed -n 's/^token: //p' "$work/said")
export SCHEMATHESIS_TOKEN
if [ -z "$address" ]; then
    echo 'api: the desk did not start:' >&2
    cat "$work/said" >&2
    exit 1
fi

# What it keeps of a run goes into the folder it is started in.
cd "$work"
code=0
"$tools/bin/schemathesis" --config-file "$root/bench/api/schemathesis.toml" run "$root/detect/desk/openapi.json" \
    --url "$address" --max-time "$seconds" --request-timeout 20 --continue-on-failure || code=$?
if ! kill -0 "$desk" 2>/dev/null; then
    echo 'api: the desk did not survive' >&2
    exit 1
fi
exit $code
