#!/usr/bin/env bash
# Downloads a release unless the cache has it, checks and unpacks it, and adds it to the PATH of the steps that follow.
set -euo pipefail

fail() { printf '::error title=tags::%s\n' "$1" >&2; exit 1; }

version=$TAGS_ACTION_VERSION target=$TAGS_ACTION_TARGET repository=$TAGS_ACTION_REPOSITORY
releases=${TAGS_ACTION_RELEASE_URL:-$GITHUB_SERVER_URL/$repository/releases/download}
case $releases in
  https://*) only='=https' ;;
  http://127.0.0.1:*) only='=http' ;; # this machine
  *) fail "releases are downloaded over https, not from '$releases'" ;;
esac

folder=$TAGS_ACTION_FOLDER
# tar would take the `C:` of a Windows path for a host name.
if command -v cygpath > /dev/null; then folder=$(cygpath --unix "$folder"); fi
name=tags-$version-$target
archive=$name.tar.gz program=$name/tags
case $target in *-windows-*) archive=$name.zip program=$name/tags.exe ;; esac

mkdir -p "$folder"
cd "$folder"

download() { # download FILE
  [ -f "$1" ] && return 0
  curl --fail --silent --show-error --location --proto "$only" --retry 3 --connect-timeout 20 --max-time 300 \
    --output "$1.part" "$releases/v$version/$1" ||
    fail "cannot download $releases/v$version/$1; is there such a release?"
  mv "$1.part" "$1"
}
download SHA256SUMS
download "$archive"

sha256() { if command -v sha256sum > /dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }
expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' SHA256SUMS)
actual=$(sha256 < "$archive")
if [ "$expected" != "$actual" ]; then
  rm -f SHA256SUMS "$archive"
  fail "$archive has the SHA-256 ${actual}, but the release's SHA256SUMS says '${expected}'"
fi

# The checksums come from the same place as the archive; the attestation is signed by the workflow that built it.
if [ "$TAGS_ACTION_ATTESTATION" = false ]; then
  echo "$archive: the checksum is right; the attestation was not checked, as \`verify-attestation\` is false"
elif [ -n "${GH_TOKEN:-}" ] && command -v gh > /dev/null; then
  gh attestation verify "$archive" --repo "$repository" \
    --signer-workflow "$repository/.github/workflows/release.yml" --source-ref "refs/tags/v$version" ||
    fail "gh does not confirm that $archive was built by $repository; \`verify-attestation: false\` installs it all the same"
else
  echo "::notice title=tags::$archive: the checksum is right; the attestation was not checked, because gh or its token is missing"
fi

rm -rf "$name"
case $archive in
  *.zip) unzip -q "$archive" ;;
  *) tar -xzf "$archive" ;;
esac
[ -x "$program" ] || fail "$archive does not contain $program"

path=$folder/$program
if command -v cygpath > /dev/null; then path=$(cygpath --windows "$path"); fi
printf 'path=%s\n' "$path" >> "$GITHUB_OUTPUT"
printf '%s\n' "${path%[/\\]*}" >> "$GITHUB_PATH"
