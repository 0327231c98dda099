#!/usr/bin/env bash
# Tries a program that was built: release/smoke.sh VERSION COMMAND…, such as `release/smoke.sh 1.2.3 ./tags`, or
# `release/smoke.sh 1.2.3 podman run --rm IMAGE`. The demo starts registries on this machine and runs the main commands.
set -euo pipefail
version=$1
shift
said=$("$@" --version)
if [ "$said" != "tags $version" ]; then
  echo "error: the program reports its version as \`$said\`, not as \`tags $version\`" >&2
  exit 1
fi
"$@" demo > /dev/null
echo "$said: the demo ends as expected"
