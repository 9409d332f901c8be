#!/bin/sh
# Runs the test targets one after the other, so that none takes the machine from another, and says how many tests passed.
set -eu
cd "$(dirname "$0")/.."

passed=0
failed=0
log=$(mktemp)
# What the program remembers of servers that only live for a test is nothing for the person's own folders.
XDG_CACHE_HOME=$(mktemp -d)
XDG_STATE_HOME=$(mktemp -d)
export XDG_CACHE_HOME XDG_STATE_HOME
trap 'rm -rf "$log" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"' EXIT
for target in ${TARGETS:-Redis QueueClient FlowMonitor Truth Dashboard Interop EndToEnd Property}; do
  echo "== ${target}Tests"
  # What measures whether answers come in time has the machine to itself.
  parallel=--parallel
  case $target in Property | Truth) parallel=--no-parallel ;; esac
  { ${SWIFT:-swift} test --skip-build $parallel --filter "^${target}Tests\\." 2>&1 && echo 0 || echo 1; } >"$log"
  sed '$d' "$log"
  # What Swift Testing says of each test at its end; a run that dies says nothing of the rest, and has failed.
  passed=$((passed + $(grep -c '^✔ Test ".*passed' "$log" || true)))
  missed=$(grep -c '^✘ Test ".*failed' "$log" || true)
  [ "$(tail -n 1 "$log")" = 0 ] || [ "$missed" -gt 0 ] || missed=1
  failed=$((failed + missed))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
