#!/usr/bin/env bash
# Checks that a tag may become a release: release/check.sh TAG [OWNER/NAME]. The tag must be `v` and the
# version in Cargo.toml, CHANGELOG.md must have entries for it, and Cargo.toml must name the repository of the release.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1 repository=${2:-}
version=$(release/version.sh)

fail() { printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2; exit 1; }

[ "$tag" = "v$version" ] ||
  fail "the tag is $tag, and the version in Cargo.toml is $version" "tag the commit as v$version, or change the version"
release/notes.sh "$version" > /dev/null
if [ -n "$repository" ]; then
  grep -qxF "repository = \"https://github.com/$repository\"" Cargo.toml ||
    fail "Cargo.toml does not name https://github.com/$repository as its repository" \
      "cargo binstall and the README's workflows would download from somewhere else"
fi
