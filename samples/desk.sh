#!/usr/bin/env bash
# The desk on the demo's vault: a title, two distributors, two marked copies and a leak to drop on the page. Made once in out/desk; uses the
# release binaries, which `make desk` builds first.
set -euo pipefail
cd "$(dirname "$0")/.."

binaries=${CARGO_TARGET_DIR:-target}/release
work=${COUNTERMARK_DESK:-out/desk}
export COUNTERMARK_VAULT=$work/vault

if [ ! -f "$work/ready" ]; then
    rm -rf "$work"
    mkdir -p "$work"
    "$binaries/countermark-bench" samples "$work/samples"
    master=$(find "$work/samples" -name '*.mp4' | LC_ALL=C sort | head -n 1)
    "$binaries/countermark-embed" vault init
    "$binaries/countermark-embed" title add "$master" --title Demo
    "$binaries/countermark-embed" distributor add Nordlicht
    "$binaries/countermark-embed" distributor add Seaview
    "$binaries/countermark-embed" mark "$master" -o "$work/nordlicht.mp4" --title Demo --distributor Nordlicht
    "$binaries/countermark-embed" mark "$master" -o "$work/seaview.mp4" --title Demo --distributor Seaview
    "$binaries/countermark-bench" attack "$work/seaview.mp4" "$work/leak.mp4" --as h264-crf33
    touch "$work/ready"
fi
echo "A clip to drop on the page: $work/leak.mp4" >&2
exec "$binaries/countermark-detect" serve "$@"
