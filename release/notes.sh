#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version: release/notes.sh VERSION. A version that it does not name is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
notes=$(awk -v heading="## [$1]" '
  /^## / { inside = (index($0, heading) == 1); next }
  /^\[[^]]*\]: / { next }
  inside { print }
' CHANGELOG.md)
# Nothing but blanks is nothing.
if [ -z "${notes//[[:space:]]/}" ]; then
  echo "error: CHANGELOG.md says nothing of version $1" >&2
  echo "  hint: move what stands under [Unreleased] to a heading \`## [$1] - YYYY-MM-DD\`" >&2
  exit 1
fi
# Without the empty lines around it.
printf '%s\n' "$notes" | sed -e '/./,$!d'
