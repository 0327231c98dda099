#!/usr/bin/env bash
# Says which release the action installs: its version, the target of this runner, and the folder for the download.
#
# The version is the input's; else that of the action's tag, `v1.2.3`; else, for `v1`, a commit or a branch, the one in the
# Cargo.toml that came with the action.
set -euo pipefail

fail() { printf '::error title=tags::%s\n' "$1" >&2; exit 2; }

exact='^v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'
version=${TAGS_ACTION_VERSION:-}
if [ -z "$version" ]; then
  version=${TAGS_ACTION_REF:-}
  if ! [[ $version =~ $exact ]]; then
    version=$(sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml")
  fi
fi
[[ $version =~ $exact ]] || fail "'$version' is not a version of tags; name a release, such as 1.2.3"
version=${version#v}

case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64 | Windows-ARM64) target=x86_64-pc-windows-msvc ;; # ARM64 runs it as well
  *) fail "there is no release of tags for ${RUNNER_OS:-an unknown system} on ${RUNNER_ARCH:-an unknown processor}" ;;
esac

printf '%s\n' "version=$version" "target=$target" "folder=$RUNNER_TEMP/tags-$version" >> "$GITHUB_OUTPUT"
