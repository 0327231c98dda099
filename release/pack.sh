#!/usr/bin/env bash
# Packs a program that release/build.sh built: release/pack.sh VERSION BINARY FOLDER writes
# FOLDER/tags-VERSION-TARGET.tar.gz, or .zip for Windows. The same input gives the same bytes, so it needs GNU tar.
set -euo pipefail
version=$1 binary=$(realpath "$2")
mkdir -p "$3"
folder=$(realpath "$3")
cd "$(dirname "$0")/.."

target=$(basename "$binary" .exe)
target=${target#tags-}
name=tags-$version-$target
time=@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/$name"
cp README.md CHANGELOG.md SECURITY.md LICENSE-APACHE LICENSE-MIT "$work/$name"
chmod 644 "$work/$name"/*
case $binary in
  *.exe)
    install -m 755 "$binary" "$work/$name/tags.exe"
    find "$work/$name" -exec touch --date "$time" {} +
    # A zip file has local times.
    (cd "$work" && TZ=UTC find "$name" | LC_ALL=C sort | TZ=UTC zip -q -X -@ "$name.zip")
    mv "$work/$name.zip" "$folder"
    ;;
  *)
    install -m 755 "$binary" "$work/$name/tags"
    tar --create --directory "$work" --sort=name --mtime="$time" --owner=0 --group=0 --numeric-owner "$name" |
      gzip --no-name --best > "$folder/$name.tar.gz"
    ;;
esac
