#!/usr/bin/env bash
# Runs the command, which writes its outputs to $GITHUB_OUTPUT. Its exit code is also the step's, and an output.
set -euo pipefail

# Splits the arguments into words by xargs: it understands quotes, but expands and runs nothing.
words=()
if [ -n "${TAGS_ACTION_ARGS//[[:space:]]/}" ]; then
  list=$(mktemp)
  trap 'rm -f "$list"' EXIT
  if ! printf '%s\n' "$TAGS_ACTION_ARGS" | xargs printf '%s\0' > "$list"; then
    echo "::error title=tags::the input \`args\` cannot be split into words; is a quote missing?" >&2
    exit 2
  fi
  while IFS= read -r -d '' word; do words+=("$word"); done < "$list"
fi

code=0
# The longer form is for the bash of macOS, which treats an empty array as an unset variable.
"$TAGS_ACTION_PATH" "$TAGS_ACTION_COMMAND" ${words[@]+"${words[@]}"} || code=$?
printf 'exit-code=%s\n' "$code" >> "$GITHUB_OUTPUT"
exit "$code"
