#!/usr/bin/env bash
# A Debian package of the three programs with manual pages and completions, of the release binaries; `make deb` builds them first.
# It depends on the packages whose libraries the programs are linked with on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

binaries=${1:-${CARGO_TARGET_DIR:-target}/release}
target=${2:-${CARGO_TARGET_DIR:-target}/debian}
programs="countermark-embed countermark-detect countermark-bench"
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
architecture=$(dpkg --print-architecture)
root=$(mktemp -d "${TMPDIR:-/tmp}/countermark-deb.XXXXXX")
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
umask 022

share=$root/usr/share
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/vendor-completions" \
    "$share/fish/vendor_completions.d" "$share/doc/countermark"
for program in $programs; do
    install -D -m 755 "$binaries/$program" "$root/usr/bin/$program"
    strip --strip-unneeded "$root/usr/bin/$program"
    "$binaries/$program" man "$share/man/man1" >/dev/null
    "$binaries/$program" completions bash >"$share/bash-completion/completions/$program"
    "$binaries/$program" completions zsh >"$share/zsh/vendor-completions/_$program"
    "$binaries/$program" completions fish >"$share/fish/vendor_completions.d/$program.fish"
done
gzip -9n "$share"/man/man1/*.1
cp README.md SECURITY.md "$share/doc/countermark"
cp LICENSE "$share/doc/countermark/copyright"
gzip -9nc CHANGELOG.md >"$share/doc/countermark/changelog.gz"

# The packages of the libraries that the programs name themselves.
depends=$(
    for program in $programs; do
        needed=$(objdump -p "$root/usr/bin/$program" | awk '$1 == "NEEDED" { print $2 }')
        for library in $needed; do
            path=$(ldd "$root/usr/bin/$program" | awk -v name="$library" '$1 == name { print $3 }')
            # Where /lib is /usr/lib, a package may know either name.
            [ -z "$path" ] || dpkg -S "$path" "/usr$path" "${path#/usr}" 2>/dev/null | cut -d: -f1 || true
        done
    done | LC_ALL=C sort -u | paste -sd, | sed 's/,/, /g'
)

mkdir -p "$root/DEBIAN" "$target"
cat >"$root/DEBIAN/control" <<CONTROL
Package: countermark
Version: $version
Architecture: $architecture
Maintainer: The Countermark project <countermark@localhost>
Section: video
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: $depends
Recommends: openssl, python3
Homepage: https://github.com/countermark/countermark
Description: forensic watermarking for film and micro-drama deliveries
 Every copy that leaves post-production carries an invisible payload that names
 its delivery. When a clip leaks, Countermark names the title, the seconds and
 the delivery whose signal the clip carries, with a proved bound.
CONTROL
package=$target/countermark_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
