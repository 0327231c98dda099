#!/usr/bin/env bash
# Writes SHA256SUMS for every file of a release: release/checksums.sh FOLDER.
set -euo pipefail
cd "$1"
rm -f SHA256SUMS
sums=$(find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum)
printf '%s\n' "$sums" > SHA256SUMS
