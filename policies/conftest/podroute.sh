#!/usr/bin/env bash
# conftest podroute SNAPSHOT... [-- CONFTEST OPTION...]
set -euo pipefail

snapshots=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  snapshots+=("$1")
  shift
done
[ $# -eq 0 ] || shift
if [ ${#snapshots[@]} -eq 0 ]; then
  echo "usage: conftest podroute SNAPSHOT... [-- CONFTEST OPTION...]" >&2
  exit 64
fi

# 1 and 3 tell of findings, and those are for the policy to judge.
status=0
report=$(podroute check --format json "${snapshots[@]}") || status=$?
case $status in
0 | 1 | 3) ;;
*)
  # Conftest takes 1 and 2 from a plugin for failed tests.
  echo "podroute check failed with exit code $status; see its message above" >&2
  exit 65
  ;;
esac

printf '%s\n' "$report" |
  conftest test --parser json --policy "$CONFTEST_PLUGIN_DIR/policy" "$@" -
