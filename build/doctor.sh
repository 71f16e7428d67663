#!/bin/sh
# Checks what `make` cannot install itself, before anything else runs, and says in one sentence what is missing.
set -u

fail() {
    printf 'make: %s\n' "$1" >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || fail "Annex runs on Linux; this is $(uname -s)."

command -v node >/dev/null 2>&1 || fail "Node.js is missing. Install Node 20 or newer (nodejs.org or your distribution), then run make again."
node_version=$(node --version)
node_major=${node_version#v}
node_major=${node_major%%.*}
[ "$node_major" -ge 20 ] 2>/dev/null || fail "Node.js $node_version is too old: Annex needs 20 or newer."
command -v npm >/dev/null 2>&1 || fail "npm is missing; it comes with Node.js (on Debian: the package npm)."

command -v rustc >/dev/null 2>&1 && command -v cargo >/dev/null 2>&1 ||
    fail "Rust is missing. Install rustup's stable toolchain (rustup.rs), open a new shell, then run make again."
rust_version=$(rustc --version 2>/dev/null | cut -d' ' -f2)
[ -n "$rust_version" ] || fail "rustc does not run; 'rustup show' tells why (is a default toolchain set?)."
rust_minor=${rust_version#*.}
rust_minor=${rust_minor%%.*}
[ "${rust_version%%.*}" -gt 1 ] || [ "$rust_minor" -ge 95 ] ||
    fail "Rust $rust_version is too old: Annex needs 1.95 or newer ('rustup update stable')."

free_kib=$(df -Pk . | awk 'NR == 2 { print $4 }')
[ "$free_kib" -ge 6291456 ] || [ -d target ] || fail "A build needs 6 GiB of disk space here; $((free_kib / 1024)) MiB are free."
