#!/usr/bin/env bash
# Writes what the program is made of: release/sbom.sh VERSION FOLDER writes FOLDER/tags-VERSION.cdx.json, a CycloneDX
# list of every crate that is linked into it on some system, with its checksum and licence. Needs cargo-cyclonedx.
set -euo pipefail
version=$1
mkdir -p "$2"
folder=$(realpath "$2")
cd "$(dirname "$0")/.."

cargo cyclonedx --quiet --format json --spec-version 1.5 --no-build-deps --target all \
  --override-filename "tags-$version"
# Removes the path of the build from the list.
sed "s|path+file://$PWD|path+file:///tags|g" "tags-$version.json" > "$folder/tags-$version.cdx.json"
rm "tags-$version.json"
