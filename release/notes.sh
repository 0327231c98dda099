#!/usr/bin/env bash
# Prints the section of CHANGELOG.md about a version: release/notes.sh VERSION. It is an error if there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
notes=$(awk -v heading="## [$1]" '
  /^## / { inside = (index($0, heading) == 1); next }
  /^\[[^]]*\]: / { next }
  inside { print }
' CHANGELOG.md)
# A section of white space only counts as empty.
if [ -z "${notes//[[:space:]]/}" ]; then
  echo "error: CHANGELOG.md has no entries for version $1" >&2
  echo "  hint: move the entries under [Unreleased] to a heading \`## [$1] - YYYY-MM-DD\`" >&2
  exit 1
fi
# Without leading empty lines; the substitution above removed the trailing ones.
printf '%s\n' "$notes" | sed -e '/./,$!d'
