#!/bin/sh
# The server's tests: real servers on free ports, asked by node. Sums up what each script tells.
set -u
command -v node >/dev/null || { echo "node is missing"; echo "0 passed, 1 failed"; exit 1; }
passed=0 failed=0
for script in ${SCRIPTS:-start events read attack fault hook}; do
  log=$(mktemp)
  timeout 400 node "tests/server_$script.js" >"$log" 2>&1
  grep -vE '^[0-9]+ passed, [0-9]+ failed$' "$log"
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
  rm -f "$log"
  [ -n "$line" ] || { echo "tests/server_$script.js did not come to its end"; line="0 passed, 1 failed"; }
  passed=$((passed + ${line%% *}))
  line=${line#*, }
  failed=$((failed + ${line%% *}))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
