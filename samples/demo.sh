#!/usr/bin/env bash
# The whole job on a rendered sample: mark one master for two distributors, damage one copy as a pirate would, and name
# who leaked it; then a small night of the production line. Uses the release binaries; `make demo` builds them first.
set -euo pipefail
cd "$(dirname "$0")/.."

binaries=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d "${TMPDIR:-/tmp}/countermark-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
export COUNTERMARK_VAULT=$work/vault

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
    printf '$ %s\n' "${*//$work\//}"
    "$binaries/$1" "${@:2}"
}

step "A master: rendered by the project itself"
run countermark-bench samples "$work/samples"
master=$(find "$work/samples" -name '*.mp4' | LC_ALL=C sort | head -n 1)

step "The studio's vault, one title, two distributors"
run countermark-embed vault init
run countermark-embed title add "$master" --title Demo
run countermark-embed distributor add Nordlicht
run countermark-embed distributor add Seaview

step "One marked copy for each of them"
run countermark-embed mark "$master" -o "$work/nordlicht.mp4" --title Demo --distributor Nordlicht --licensee "festival screening"
run countermark-embed mark "$master" -o "$work/seaview.mp4" --title Demo --distributor Seaview

step "Seaview's copy leaks, re-encoded"
run countermark-bench attack "$work/seaview.mp4" "$work/leak.mp4" --as h264-crf33

step "Who leaked it? With the vault:"
run countermark-detect trace "$work/leak.mp4" --title Demo

step "A second leak is cropped and mirrored. A page of evidence:"
run countermark-bench attack "$work/nordlicht.mp4" "$work/repost.mp4" --as crop-0.8+mirror+h264-crf28
run countermark-detect trace "$work/repost.mp4" --title Demo --report "$work/evidence"
mkdir -p out/demo
cp "$work"/evidence/repost.mp4.* out/demo/
echo "The page: out/demo/repost.mp4.html; the frames that were compared: out/demo/repost.mp4.png"

step "A night: two titles for three licensees, from a plan. It is killed, and gone on with"
run countermark-embed distributor add Lumen
second=$(find "$work/samples" -name '*.mp4' | LC_ALL=C sort | sed -n 2p)
mkdir "$work/masters"
cp "$master" "$work/masters/first.mp4"
cp "$second" "$work/masters/second.mp4"
cat > "$work/plan.csv" <<PLAN
master,title,distributor,output,speed,contract,territories,until
masters/first.mp4,Demo,Nordlicht;Seaview;Lumen,night/{title}-{distributor}.mp4,fast,K-1,DE;AT,2099-12-31
masters/second.mp4,Second,Nordlicht;Seaview;Lumen,night/{title}-{distributor}.mp4,fast,K-2,DE;AT,2099-12-31
PLAN
run countermark-embed batch "$work/plan.csv" --add-titles --dry-run
printf '$ countermark-embed batch plan.csv --add-titles        (and kill -9 once the first files are there)\n'
"$binaries/countermark-embed" batch "$work/plan.csv" --add-titles --quiet &
batch=$!
while kill -0 "$batch" 2>/dev/null && ! ls "$work"/night/*.mp4 >/dev/null 2>&1; do sleep 0.1; done
kill -9 "$batch" 2>/dev/null || true
wait "$batch" 2>/dev/null || true
run countermark-embed batch "$work/plan.csv" --add-titles --csv "$work/night.csv"
run countermark-embed deliveries --contract K-2
run countermark-embed verify "$work/night/Second-Lumen.mp4" --master "$work/masters/second.mp4"

step "And with a read key alone, for an analyst without the vault:"
run countermark-embed key export --title Demo -o "$work/demo.key"
# "Not found" (exit code 1) is an answer as well: keys alone need more picture than the reference does.
run countermark-detect read "$work/leak.mp4" --key "$work/demo.key" || [ $? = 1 ]
