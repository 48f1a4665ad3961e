#!/bin/sh
# Verifies a bundle as a stranger with a bare Debian would: a root that holds python3 with its standard library, openssl and the libraries that
# these two load, nothing else, no network, no environment. Both are copied from this system.
#
#     core/evidence/tests/bare.sh case.zip        exit 0: the bundle holds, within 60 s; 1: it does not; 77: no such root can be made here
set -eu
[ $# -eq 1 ] || { echo "usage: $0 BUNDLE" >&2; exit 2; }
bundle=$1

cannot() {
    echo "$0: $1: not tried" >&2
    exit 77
}

# The system's own first: what stands before it may be a script that chooses one.
PATH=/usr/bin:/bin:$PATH
python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))') || cannot 'no python3'
openssl=$(command -v openssl) || cannot 'no openssl'
chroot=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot) || cannot 'no chroot'
alone=
for how in 'unshare -rn' 'unshare -n'; do
    if $how true 2> /dev/null; then
        alone=$how
        break
    fi
done
[ -n "$alone" ] || cannot 'no namespaces of their own for users and networks'

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 2' HUP INT TERM
mkdir -p "$root/dev" "$root/tmp" "$root/case" "$root/usr/bin"
: > "$root/dev/null"
library=$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
mkdir -p "$root$library"
# Without tests, packages of others, and what was compiled before.
(cd "$library" && tar -cf - --exclude=__pycache__ --exclude=test --exclude=tests --exclude='config-*' --exclude=idlelib \
    --exclude=dist-packages --exclude=site-packages --exclude=ensurepip .) | tar -xf - -C "$root$library"
cp "$python" "$root/usr/bin/python3"
cp "$openssl" "$root/usr/bin/openssl"
for binary in "$python" "$openssl" "$library"/lib-dynload/*.so; do
    [ ! -e "$binary" ] || ldd "$binary" | grep -o '/[^ ]*' || :
done | sort -u | while read -r needed; do
    mkdir -p "$root$(dirname "$needed")"
    cp -L "$needed" "$root$needed"
done
# The settings that come with openssl: without them it verifies no time stamp.
settings=$("$openssl" version -d | cut -d '"' -f 2)
if [ -e "$settings/openssl.cnf" ]; then
    mkdir -p "$root$settings"
    cp -L "$settings/openssl.cnf" "$root$settings/openssl.cnf"
fi
cp "$bundle" "$root/case.zip"

prefix=$("$python" -c 'import sys; print(sys.base_prefix)')
unshare=$(command -v unshare)
alone="$unshare${alone#unshare}"
inside() {
    env -i PATH=/usr/bin "PYTHONHOME=$prefix" $alone "$chroot" "$root" /usr/bin/python3 -B "$@"
}

begun=$(date +%s)
inside -m zipfile -e /case.zip /case
status=0
inside /case/verify.py || status=$?
took=$(($(date +%s) - begun))
echo "verified offline in $took s, in a root of $(du -sm "$root" | cut -f 1) MB"
[ "$took" -lt 60 ] || { echo "$0: that is too long" >&2; exit 1; }
exit $status
