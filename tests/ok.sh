# Shared by the shell tests: `ok NAME COMMAND...` passes when the command succeeds. At the end `done_tests`
# prints the sum and fails if any failed. Good ones are silent unless VERBOSE is set.
passed=0 failed=0

ok() {
  name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    [ -z "${VERBOSE:-}" ] || echo "ok $name"
  else
    failed=$((failed + 1))
    echo "not ok $name"
  fi
}

done_tests() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
