#!/usr/bin/env bash
# Builds the program for a target: release/build.sh TARGET FOLDER writes FOLDER/tags-TARGET, with .exe for Windows.
#
# Linux is linked statically against musl by cargo-zigbuild, which brings the C compiler for every architecture; the
# others are built by cargo on their own systems.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1 folder=$2

build=(cargo build)
suffix=
flags=()
case $target in
  *-linux-musl) build=(cargo zigbuild) ;;
  *-windows-*)
    suffix=.exe
    # No C runtime to install.
    flags+=(-C target-feature=+crt-static)
    ;;
esac
# Keeps the paths of this machine out of the program.
for from in "$PWD=." "${CARGO_HOME:-$HOME/.cargo}=cargo"; do flags+=(--remap-path-prefix "$from"); done

# Separated by 0x1f, so that a path may contain a blank.
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && printf '%s' "${flags[*]}")
export CARGO_ENCODED_RUSTFLAGS
"${build[@]}" --locked --profile dist --target "$target" --bin tags

mkdir -p "$folder"
install -m 755 "${CARGO_TARGET_DIR:-target}/$target/dist/tags$suffix" "$folder/tags-$target$suffix"
