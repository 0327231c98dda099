#!/usr/bin/env bash
# Runs the command. What it writes to $GITHUB_OUTPUT are the outputs of this step; its exit code is the step's, and an output.
set -euo pipefail

# Words as in a shell, by xargs: it knows quotes, and nothing that runs or expands anything.
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
# The longer form is for the bash of macOS, to which an empty list is an unset variable.
"$TAGS_ACTION_PATH" "$TAGS_ACTION_COMMAND" ${words[@]+"${words[@]}"} || code=$?
printf 'exit-code=%s\n' "$code" >> "$GITHUB_OUTPUT"
exit "$code"
