#!/bin/sh
# Faults from outside: a replay killed at any moment goes on; bad lines, files and databases are refused
# with place and remedy; rebuild, fsck, backtest. Run from the project's folder; GJ_BUILD names the build,
# GJ_KILLS how often a replay is killed.
set -u
build=${GJ_BUILD:-build/release}
kills=${GJ_KILLS:-40}
. tests/ok.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export LC_ALL=C
guiju() { "$build/guiju" "$@"; }
says() { # says STATUS WORDS ARGUMENTS...: the command ends so, and stderr or stdout holds the words
  want=$1 words=$2
  shift 2
  guiju "$@" >"$room/out" 2>&1 </dev/null
  got=$?
  [ "$got" -eq "$want" ] && grep -q -- "$words" "$room/out" || { echo "# $*: status $got"; head -n 3 "$room/out"; false; }
}
same() { cmp -s "$room/$1" "$room/$2"; }

# ---- kill -9 ----
guiju simulate --seed 31 --shops 3 --days 6 --orders 6 --late 20 --duplicates 10 -o "$room/events"
guiju replay "$room/events" -f json >"$room/whole" 2>"$room/err"
ok "a stream" test -s "$room/whole"
started=$(date +%s%N)
guiju replay "$room/events" --db "$room/first.db" -f json >"$room/out"
took=$((($(date +%s%N) - started) / 1000000))
ok "a database says the same" same out whole

kill_one() { # kill_one N: a replay that is killed five times at random moments, then goes on
  rm -f "$room"/killed.db*
  for again in 1 2 3 4 5; do
    guiju replay "$room/events" --db "$room/killed.db" >/dev/null 2>&1 &
    victim=$!
    sleep "$(awk -v n="$1$again" -v took="$took" 'BEGIN { srand(n); printf "%.3f", rand() * took / 1000 }')"
    kill -9 "$victim" 2>/dev/null
    wait "$victim" 2>/dev/null
  done
  guiju replay "$room/events" --db "$room/killed.db" -f json >"$room/out" 2>"$room/err"
  same out whole || { echo "# round $1"; head -n 3 "$room/err"; false; }
}
round=0 begun=$(date +%s)
while [ $((round * 5)) -lt "$kills" ] && [ -n "${GJ_KILLS:-}" -o $(($(date +%s) - begun)) -lt 40 ]; do
  round=$((round + 1))
  ok "killed five times, round $round" kill_one "$round"
done
ok "and is whole" says 0 whole fsck --db "$room/killed.db"

# ---- rebuild, fsck, backtest ----
ok "rebuild" says 0 equal rebuild --db "$room/first.db"
sum() { cksum "$room/first.db" | cut -d' ' -f1; }
before=$(sum)
ok "fsck" says 0 whole fsck --db "$room/first.db"
ok "fsck leaves it alone" test "$before" = "$(sum)" -a ! -e "$room/first.db-wal" -a ! -e "$room/first.db-shm"
cp -r rulebook "$room/other"
ok "the same rules make no difference" says 0 '^0 differences' backtest --db "$room/first.db" --rulebook "$room/other"
rm "$room/other/pdd/metrics.yaml"
ok "other rules differ" says 1 '"kind":"metric","source":"/pdd/s1"' backtest --db "$room/first.db" --rulebook "$room/other" -f json
cp -r rulebook "$room/moved"
sed -i 's/string(shop.targets.reply_seconds)/string(shop.targets.reply_seconds - 1)/' "$room/moved/shop/conversation.yaml"
finding() { printf '"rule":"shop.response.answer-5min","subject":{"kind":"session","id":"S[0-9]*"},"at":"[^"]*","before":%s,"after":%s' "$1" "$2"; }
ok "a finding that moves is one new" says 1 "$(finding 0 1)" backtest --db "$room/first.db" --rulebook "$room/moved" -f json
ok "and one gone" grep -q "$(finding 1 0)" "$room/out"
ok "told below its rule" says 1 '^    -1  session S' backtest --db "$room/first.db" --rulebook "$room/moved"
few() { awk '/^  \//{ n = 0 } /^    [-+]1 /{ if (++n > 10) bad = 1 } END { exit bad }' "$room/out" && grep -q 'and [0-9]* more; --format json' "$room/out"; }
ok "ten of each rule" few
ok "rebuild under other rules asks" says 2 'under another rulebook' rebuild --db "$room/first.db" --rulebook "$room/other"
ok "a path of two slashes is one" says 0 whole fsck --db "/$(realpath "$room")/first.db"
ok "no database" says 2 'is not there' fsck --db "$room/none.db"
cp "$room/first.db" "$room/hurt.db"
sqlite3 "$room/hurt.db" "PRAGMA journal_mode=DELETE; UPDATE entry SET amount=amount+1 WHERE id=(SELECT min(id) FROM entry); UPDATE cases SET due=due+1 WHERE id=(SELECT max(id) FROM cases WHERE due<9223372036854775807)" >/dev/null
ok "fsck sees an entry changed" says 1 'does not sum to zero' fsck --db "$room/hurt.db"
ok "and a deadline moved" says 1 'is not the one that is noted' fsck --db "$room/hurt.db"
ok "rebuild tells that it was not equal" says 1 'not equal' rebuild --db "$room/hurt.db"
ok "and has mended it" says 0 whole fsck --db "$room/hurt.db"
sqlite3 "$room/hurt.db" "UPDATE cases SET body=replace(body, '\"paid', '\"payed')" >/dev/null
ok "fsck sees a state changed" says 1 . fsck --db "$room/hurt.db"

# ---- bad lines ----
line() { printf '{"specversion":"1.0","id":"%s","source":"/pdd/s1","type":"%s","time":"2026-03-01T%s+08:00","data":%s}\n' "$@"; }
{
  line a1 order.created 10:00:00 '{"order_id":"O1","buyer_id":"b1","goods_fen":100,"freight_fen":0,"lines":[]}'
  line a2 order.paid 10:01:00 '{"order_id":"O1"}'
  echo 'nonsense'
  line a3 order.flown 10:02:00 '{}'
  line a4 order.paid 10:03:00 '{"order_id":"O1","paid_fen":"much"}'
  line a5 order.paid 10:04:00 '{"order_id":"O1","paid_fen":100}'
} >"$room/bad"
guiju replay "$room/bad" -f json >"$room/out"
ok "bad lines are rejected, the rest applied" grep -q '"applied":2,"duplicate":0,"rejected":4' "$room/out"
ok "line, id and reason" grep -q '{"line":2,"id":"a2","why":"[^"]*paid_fen' "$room/out"
ok "what is no JSON" grep -q '{"line":3,"why":' "$room/out"
ok "an unknown type" grep -q '{"line":4,"id":"a3","why":"[^"]*order.flown' "$room/out"
ok "a wrong type" grep -q '{"line":5,"id":"a4","why":"[^"]*paid_fen' "$room/out"
{
  cat "$room/bad"
  for i in $(seq 30); do line "b$i" "order.flown$i" 10:05:00 '{}'; done
} >"$room/worse"
refused() { [ "$(grep -c ': refused' "$room/out")" -eq "$1" ]; }
ok "of many bad lines the first are told" says 0 ':3: refused: it is not JSON' replay "$room/worse" --db "$room/worse.db"
ok "twenty of them" refused 20
ok "how many more there are" grep -q '^14 more lines were refused; --refused' "$room/out"
ok "by reason, whatever numbers it names" grep -q "^ *21  unknown type 'order.flown10'" "$room/out"
ok "a database tells all of them later" says 0 ':36: refused b30: ' replay "$room/worse" --db "$room/worse.db" --refused
ok "each of them" refused 34
ok "JSON has all as before" says 0 '"line":36,"id":"b30"' replay "$room/worse" --db "$room/worse.db" -f json
{ printf '\357\273\277'; tail -n 1 "$room/bad"; } >"$room/marked"
guiju replay "$room/marked" -f json >"$room/out"
ok "a byte order mark is no part of the first line" grep -q '"applied":1,"duplicate":0,"rejected":0' "$room/out"

# ---- files that grow, wait, shrink ----
head -n 1 "$room/bad" | head -c 60 >"$room/grows"
guiju replay "$room/grows" --db "$room/grows.db" -f json >"$room/out"
ok "half a line is rejected" grep -q '"applied":0,"duplicate":0,"rejected":1' "$room/out"
head -n 1 "$room/bad" >"$room/grows"
guiju replay "$room/grows" --db "$room/grows.db" -f json >"$room/out"
ok "and taken when it is whole" grep -q '"applied":1,"duplicate":0,"rejected":0' "$room/out"
guiju replay "$room/events" --db "$room/waits.db" --until 2026-03-05T12:00:00+08:00 >/dev/null
guiju replay "$room/events" --db "$room/waits.db" -f json >"$room/out"
ok "what waited is taken once" test "$(head -n 1 "$room/out")" = "$(head -n 1 "$room/whole")"
head -n 5 "$room/events" >"$room/shrinks"
guiju replay "$room/shrinks" --db "$room/shrinks.db" >/dev/null
head -n 2 "$room/events" >"$room/shrinks"
ok "a shorter file" says 2 'shorter than' replay "$room/shrinks" --db "$room/shrinks.db"
sed 's/1/2/g' "$room/events" | head -n 6 >"$room/shrinks"
ok "another file" says 2 'has changed' replay "$room/shrinks" --db "$room/shrinks.db"
ok "no file" says 2 'cannot be read' replay "$room/none" --db "$room/x.db"
ok "a folder" says 2 'Is a directory' replay "$room" --db "$room/x.db"

# ---- bad databases ----
sqlite3 "$room/foreign.db" 'CREATE TABLE t(x)'
ok "another program's" says 2 'foreign.db: is a database of another program; name' replay "$room/bad" --db "$room/foreign.db"
ok "is left alone" test "$(sqlite3 "$room/foreign.db" 'PRAGMA journal_mode')" = delete
echo 'this is no database at all, but it is long enough to look at' >"$room/text.db"
ok "no database" says 2 'text.db: .*; it is no database of guiju' replay "$room/bad" --db "$room/text.db"
mkdir "$room/folder.db"
ok "a folder as database" says 2 'folder.db: .*; check that' replay "$room/bad" --db "$room/folder.db"
ok "a folder that is not there" says 2 'x.db: .*; check that' replay "$room/bad" --db "$room/no/x.db"
cp "$room/first.db" "$room/newer.db"
sqlite3 "$room/newer.db" 'PRAGMA user_version=99'
ok "a newer schema" says 2 'newer.db: is of schema version 99.*newer guiju' replay "$room/bad" --db "$room/newer.db"
sqlite3 "$room/old.db" 'PRAGMA user_version=0'
ok "an empty one is filled" says 0 . replay "$room/bad" --db "$room/old.db"
head -c 60000 "$room/first.db" >"$room/cut.db"
ok "a damaged one" says 2 'cut.db: ' fsck --db "$room/cut.db"
mkfifo "$room/pipe"
sqlite3 "$room/first.db" <"$room/pipe" >/dev/null 2>&1 &
holder=$!
exec 9>"$room/pipe"
echo 'PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; CREATE TABLE held(x);' >&9
for tick in 1 2 3 4 5 6 7 8 9 10; do [ -s "$room/first.db-wal" ] || sleep 0.1; done
ok "one that another process has" says 2 'first.db: .*another process has it open' replay "$room/bad" --db "$room/first.db"
exec 9>&-
wait "$holder"
ok "and later has not" says 0 . replay "$room/bad" --db "$room/first.db"
# ---- what is no file of events; pipes ----
gzip -c "$room/events" >"$room/events.gz"
ok "a compressed file" says 2 'is gzip' replay "$room/events.gz"
ok "is told once" test "$(wc -l <"$room/out")" -eq 1
ok "a folder" says 2 'Is a directory' replay "$room"
piped() { zcat "$room/events.gz" | guiju replay - "$@" >"$room/out" 2>"$room/err"; }
ok "a pipe" piped -f json
ok "says what the file says" same out whole
ok "a pipe into a database" piped --db "$room/piped.db"
cp "$room/out" "$room/once"
ok "the same again" piped --db "$room/piped.db"
again() { grep -q 'applied 0, .*refused 0' "$room/out" && ! cmp -s "$room/out" "$room/once"; }
ok "applies nothing twice" again
ok "and the database is whole" says 0 whole fsck --db "$room/piped.db"
ok "a shop by its id alone" says 0 '/pdd/s1' report --db "$room/piped.db" --shop s1
ok "a shop that is not there" says 2 'there are: /' report --db "$room/piped.db" --shop zz
done_tests
