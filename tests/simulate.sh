#!/bin/sh
# `guiju simulate` from outside: the same bytes again, the contract of events, rhythm, bad usage. Run from
# the project's folder; GJ_BUILD names the build.
set -u
build=${GJ_BUILD:-build/release}
. tests/ok.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export LC_ALL=C
unset GUIJU_SIMULATION

make() { # make FILE ARGUMENTS...: a simulation into $room/FILE
  file=$1
  shift
  "$build/guiju" simulate "$@" >"$room/$file" 2>"$room/err" </dev/null || { head -n 5 "$room/err"; false; }
}
refuses() { # refuses WORD ARGUMENTS...
  word=$1
  shift
  "$build/guiju" simulate "$@" >/dev/null 2>"$room/err" </dev/null
  [ $? -eq 2 ] && grep -q -- "$word" "$room/err" || { echo "# simulate $*:"; head -n 3 "$room/err"; false; }
}
same() { cmp -s "$room/$1" "$room/$2"; }
differ() { ! cmp -s "$room/$1" "$room/$2"; }
contract() { node tests/simulate_contract.js "$room/$1" >"$room/sum" || true; }
sum() { # of the last contract: an expression over its summary
  node -e '
    const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n"), s = JSON.parse(lines.pop());
    if (!eval(process.argv[2])) { console.log("# " + JSON.stringify({ ...s, types: 0 }) + "\n" + lines.join("\n")); process.exit(1) }' \
    "$room/sum" "$1"
}
lines_of() { grep "\"source\":\"$2\"" "$room/$1" >"$room/$3"; }
known_ids() { # every id of rule and metric that the lists name is a row of the catalogue
  ids=$(grep -E '^    [a-z]+: \[.*\.' simulation/texts.yaml | grep -oE '[a-z]+\.[a-z]+\.[a-z0-9-]+' | sort -u)
  [ -n "$ids" ] && for id in $ids; do
    grep -q "id: $id\$" rulebook/catalogue.yaml || { echo "# no $id"; return 1; }
  done
}

ok "runs" make a --seed 7 --days 20
ok "runs again" make b --seed 7 --days 20 -o "$room/b2"
ok "same seed, same bytes; to a file too" same a b2
ok "with -o nothing on standard output" test ! -s "$room/b"
ok "another seed" make b --seed 8 --days 20
ok "another stream" differ a b
ok "no seed" make b
ok "is seed 1" make c --seed 1
ok "and the same" same b c

ok "in order" make a --days 10 --late 0 --duplicates 0
contract a
ok "order: none late, doubled or before its beginning" sum 's.bad + s.late + s.duplicates + s.clashes + s.orphans === 0'
ok "longer" make b --days 20 --late 0 --duplicates 0
head -c "$(wc -c <"$room/a")" "$room/b" >"$room/c"
ok "fewer days are the beginning of more" same a c
ok "shops alone" make b --days 10 --late 0 --duplicates 0 --shops 1
lines_of a /pdd/s1 c
ok "a shop does not depend on the others" same b c

# A long run, which holds everything.
ok "long" make a --seed 3 --shops 12 --days 120 --orders 40 --from 2026-09-01
contract a
ok "contract: every line" sum 's.bad === 0 && s.events > 500000'
ok "contract: every type" sum 's.missing.length === 0'
ok "contract: every sender" sum 'Object.keys(s.senders).sort().join() === "agent,auto,bot,buyer,platform"'
ok "doubled ones are the same line" sum 's.clashes === 0 && s.duplicates > s.events / 1000 && s.duplicates < s.events / 300'
ok "late ones are few" sum 's.late > s.events / 1000 && s.late < s.events / 300'
ok "all shops" sum 's.sources === 12'
ok "quiet nights, peaks at 10, 15 and 21" sum 's.hours[4] * 8 < s.hours[10] && s.hours[10] > s.hours[12] && s.hours[15] > s.hours[13] && s.hours[21] > s.hours[15]'
ok "weekends" sum 's.days["09-12"] + s.days["09-13"] > s.days["09-15"] + s.days["09-16"]'
ok "double eleven" sum 's.days["11-11"] > 6 * s.days["11-05"]'
ok "as many orders as asked for" sum 's.days["09-09"] > 12 * 40 * 0.8 && s.days["09-09"] < 12 * 40 * 1.3'
ok "ids of rules and metrics are the catalogue's" known_ids

ok "one platform" make a -p douyin --days 3 --shops 2
contract a
ok "and no other" sum 's.bad === 0 && s.sources === 2 && s.events > 500'
ok "only that source" test "$(grep -vc '"source":"/douyin/s[12]"' "$room/a")" -eq 0
ok "leap day" make a --from 2028-02-28 --days 2 --orders 100 --late 0
ok "is there" grep -q '2028-02-29T' "$room/a"
ok "and nothing behind it" test "$(grep -c '"time":"2028-03' "$room/a")" -eq 0
ok "no orders" make a --orders 0 --days 1
ok "all doubled" make a --duplicates 1000 --late 0 --days 2
contract a
ok "twice each" sum 's.duplicates * 2 === s.events && s.bad === 0'

ok "unknown platform" refuses "no platform 'ebay'" -p ebay
ok "bad number" refuses "'many'" --days many
ok "no days" refuses '1 to 36500' --days 0
ok "too many late" refuses 'out of range' --late 600 --duplicates 600
ok "bad date" refuses "2026-02-30" --from 2026-02-30
ok "an early date" refuses '1970' --from 1969-01-01
ok "superfluous word" refuses "'now'" now
ok "no such folder" refuses 'cannot be opened' --simulation "$room/none"
cp -r simulation "$room/plan"
echo 'stories: []' >"$room/plan/more.yml"
ok "a file that is not read" refuses 'more.yml is not read' --simulation "$room/plan"
ok "cannot write" refuses 'cannot write' -o "$room/none/x"
if [ -c /dev/full ]; then
  ok "a full disk" refuses 'cannot write' -o /dev/full
fi
ok "help" sh -c '"$0/guiju" simulate --help | grep -q -- --duplicates' "$build"
ok "manual" grep -q '^\.Ss simulate' man/guiju.1
ok "completion" grep -q 'simulate' completions/guiju
done_tests
