#!/bin/sh
# The program `guiju` from outside: exit statuses, forms of output, languages, bad usage and input.
# Run from the project's folder; GJ_BUILD names the build.
set -u
build=${GJ_BUILD:-build/release}
. tests/ok.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export XDG_CACHE_HOME="$room/cache" LC_ALL=C
unset GUIJU_RULEBOOK NO_COLOR

# run STATUS ARGUMENTS...: runs guiju, keeps out and err, passes when the status is right.
run() {
  want=$1
  shift
  "$build/guiju" "$@" >"$room/out" 2>"$room/err" </dev/null
  got=$?
  [ "$got" -eq "$want" ] || { echo "# guiju $*: status $got, not $want"; head -n 5 "$room/err"; false; }
}
feed() { # feed INPUT STATUS ARGUMENTS...
  input=$1 want=$2
  shift 2
  printf '%s' "$input" | "$build/guiju" "$@" >"$room/out" 2>"$room/err"
  got=$?
  [ "$got" -eq "$want" ] || { echo "# guiju $*: status $got, not $want"; head -n 5 "$room/err"; false; }
}
out() { grep -q -- "$1" "$room/out" || { echo "# no '$1' in:"; head -n 5 "$room/out"; false; }; }
err() { grep -q -- "$1" "$room/err" || { echo "# no '$1' in:"; head -n 5 "$room/err"; false; }; }
json() { node -e '
  const text = require("fs").readFileSync(process.argv[1], "utf8");
  const data = process.argv[2] === "lines" ? text.split("\n").slice(0, -1).map(l => JSON.parse(l)) : JSON.parse(text);
  process.exit(eval(process.argv[3]) ? 0 : 1)' "$room/out" "$1" "$2" || { head -c 300 "$room/out"; false; }; }

BAD='亲，加我微信 abc12345 聊'
GOOD='您好，这款商品今天下单明天就可以发货，请您放心购买'

ok "check: pass" run 0 check -p tmall "$GOOD"
ok "check: found" run 1 check -p pdd "$BAD"
ok "check: names the words" out '微信'
ok "check: no platform" run 2 check "$GOOD"
ok "check: unknown platform" run 2 check -p ebay "$GOOD"
ok "check: says which there are" err 'use one of: pdd'
ok "check: two messages" run 2 check -p tmall a b
ok "check: no message" run 2 check -p tmall
ok "check: unknown option" run 2 check -p tmall --frobnicate x
ok "check: says which option" err '--frobnicate'
ok "check: option without value" run 2 check "$GOOD" -p
ok "check: bad format" run 2 check -p tmall --format xml x
ok "check: format text|json is told" err 'text or json'
ok "check: bad sender" run 2 check -p tmall -s robot x
ok "check: bad kind" run 2 check -p tmall -k poem x
ok "check: bad date" run 2 check -p tmall --at yesterday x
ok "check: date" run 0 check -p tmall --at 2024-01-01 "$GOOD"
ok "check: empty text" run 0 check -p jd ''
ok "check: text after --" run 0 check -p jd -s buyer -- '-v-'
ok "check: json" run 1 check -p pdd --format json "$BAD"
ok "check: json is JSON" json one 'data.suggestion !== "pass" && data.hits[0].matched && Array.isArray(data.unknown) && data.rulebook.length === 32'
ok "check: json places" json one 'data.hits.every(h => [..."'"$BAD"'"].slice(h.start, h.end).join("") === h.matched)'
ok "check: nobody passes for a buyer" run 1 check -p pdd -s agent "（买家）$BAD"
printf '\357\273\277{"platform":"pdd","text":"%s"}\n' "$BAD" >"$room/marked"
ok "check: a mark before UTF-8" run 1 check -f "$room/marked"
ok "check: invalid UTF-8" run 2 check -p tmall "$(printf 'a\377')"
ok "check: says so" err 'UTF-8'
ok "check: --option=value" run 1 check --platform=pdd "$BAD"
ok "check: explain" run 1 check -p pdd --explain "$BAD"
ok "check: explain says hit(" out 'hit('
ok "check: buyer" run 0 check -p pdd -s buyer '可以加微信吗'
ok "check: packs off" run 0 check -p jd --packs '' '加我微信聊'
ok "check: packs on" run 1 check -p jd --packs any,shop "$BAD"
ok "check: unknown pack" run 2 check -p jd --packs anny x
ok "check: says which pack" err "'anny'"
ok "check: context" run 0 check -p tmall --context '{"shop.services.cod": true}' "$GOOD"
ok "check: context of a wrong type" run 2 check -p tmall --context '{"shop.services.cod": 1}' "$GOOD"
ok "check: broken context" run 2 check -p tmall --context '{' "$GOOD"
ok "check: names the option" err '--context is a JSON object'
ok "check: a context that holds more" run 2 check -p tmall --context '{},"platform":"jd"' "$GOOD"
ok "check: bad date" run 2 check -p tmall --at yesterday x
ok "check: names --at" err '--at yesterday'
ok "check: --report is no JSON" run 2 check -p tmall --report --format json x
ok "check: the whole text and a part of it" run 1 check -p pdd --packs '' 加我微信
ok "check: marks the whole" out '【加我微信】'
ok "check: control characters" run 1 check -p jd "$(printf '\033[31m加微信 abc12345\033[0m')"
no_control() { ! grep -q "$(printf '\033')" "$room/out" "$room/err"; }
ok "check: steer no terminal" no_control
ok "check: of an agent's id neither" feed '{"platform":"jd","agent_id":"\u001b[31mx","text":"加微信 abc12345","k\u001b":1}' 1 check --report -f -
ok "check: nor of a key" no_control

LINES='{"id":1,"platform":"tmall","text":"'$GOOD'"}
{"id":2,"platform":"pdd","text":"'$BAD'"}
{"id":3,"platform":"jd","text":"x","sender":"buyer"}
'
ok "lines: found" feed "$LINES" 1 check -f -
ok "lines: in order, one each" json lines 'data.length === 3 && data.every((v, i) => v.id === i + 1)'
ok "lines: - alone is stdin" feed "$LINES" 1 check -
ok "lines: last without an end" feed '{"platform":"jd","text":"x","sender":"buyer"}' 0 check -
ok "lines: one came" json lines 'data.length === 1'
ok "lines: CRLF" feed "$(printf '{"platform":"jd","text":"x","sender":"buyer"}\r\n')" 0 check -
ok "lines: none" feed '' 0 check -f -
ok "lines: a report of none" feed '' 0 check --report -f -
ok "lines: refused ones stay in place" feed '{"id":1,"platform":"jd","text":"x","sender":"buyer"}
nonsense
{"id":3,"text":"x","platform":"jd","sender":"buyer"}

' 2 check -
ok "lines: all four answered" json lines 'data.length === 4 && data[0].id === 1 && data[1].error.line === 2 && data[2].id === 3 && data[3].error.line === 4'
ok "lines: default platform" feed '{"text":"x","sender":"buyer"}' 0 check -p jd -f -
ok "lines: text form" feed "$LINES" 1 check -f - --format text
ok "lines: report" feed "$LINES" 1 check -f - --report
# Whoever sends a line through a pipe has its verdict before he sends the next one.
at_once() {
  line='{"platform":"jd","text":"x","sender":"buyer"}'
  { echo "$line"; sleep 4; : >"$room/second"; echo "$line"; } | "$build/guiju" check -f - | {
    read -r verdict
    [ -n "$verdict" ] && [ ! -e "$room/second" ] && cat >/dev/null
  }
}
ok "lines: answered one by one" at_once
ok "lines: no such file" run 2 check -f "$room/none"
ok "lines: says which" err 'none'
ok "lines: a folder" run 2 check -f "$room"
printf '%s' "$LINES" | gzip >"$room/lines.gz"
ok "lines: compressed" run 2 check -f "$room/lines.gz"
ok "lines: compressed is told once" test "$(wc -l <"$room/err")" -eq 1
ok "lines: as what it is" err 'is gzip'
ok "lines: file and text" run 2 check -p jd -f "$room/none" x
printf '%s' "$LINES" >"$room/closed"
if [ "$(id -u)" -ne 0 ]; then
  chmod 000 "$room/closed"
  ok "lines: unreadable file" run 2 check -f "$room/closed"
fi
full() { "$build/guiju" check -p jd -s buyer --format json x >/dev/full 2>"$room/err"; [ $? -eq 2 ]; }
ok "output: disk full" full
ok "bundled: examples are judged" run 1 check -f examples/messages.jsonl
ok "bundled: six platforms, 60 lines" json lines 'data.length >= 60 && new Set(data.map(v => v.platform)).size === 6'

ok "cache: a folder that is a file" run 0 check -p tmall --cache "$room/closed" "$GOOD"
ok "cache: told, with the remedy" err 'XDG_CACHE_HOME'
ok "cache: none" run 0 check -p tmall --cache '' "$GOOD"
ok "rulebook: not there" run 2 check -p tmall --rulebook "$room/none" x
ok "rulebook: says --rulebook" err '--rulebook'
mkdir "$room/book"
printf 'lexicon: a\nwrods: [x]\n' >"$room/book/a.yaml"
ok "rulebook: broken" run 2 check -p tmall --rulebook "$room/book" x
ok "rulebook: place" err 'a.yaml:2:'
ok "rulebook: remedy" err 'words'

ok "expr: value" run 0 expr '1 + 2'
ok "expr: is 3" out '^3$'
ok "expr: fields" run 0 expr 'x + 1' --with '{"x": 41}'
ok "expr: is 42" out '^42$'
ok "expr: timestamp" run 0 expr 'timestamp("2026-03-01T10:00:00+08:00")'
ok "expr: RFC 3339" out '^"2026-03-01T02:00:00Z"$'
ok "expr: duration" run 0 expr 'duration("1h")'
ok "expr: seconds" out '^"3600s"$'
ok "expr: evaluation error" run 1 expr '1 / 0'
ok "expr: says so" err '.'
ok "expr: overflow" run 1 expr '9223372036854775807 + 1'
ok "expr: parse error" run 2 expr '1 +'
ok "expr: caret" err '\^'
ok "expr: type error" run 2 expr '1 + "a"'
ok "expr: unknown name" run 2 expr 'x'
ok "expr: broken --with" run 2 expr 'x' --with '{'
ok "expr: nothing" run 2 expr

ok "rules: list" run 0 rules list
ok "rules: many" test "$(wc -l <"$room/out")" -gt 100
first=$(head -n 1 "$room/out" | cut -d' ' -f1)
ok "rules: show" run 0 rules show "$first"
ok "rules: the clause" out '^cites'
ok "rules: show nothing" run 1 rules show no.such.rule
ok "rules: search" run 0 rules search 微信
ok "rules: search in any case" run 0 rules search wechat
ok "rules: finds it in any case" out 'WeChat'
ok "rules: search nothing" run 1 rules search zzzzzz
ok "rules: what it costs" run 0 rules show tmall.payment.credit-card-fee
ok "rules: points and class" out '^cost .*points, general'
ok "rules: usage" run 2 rules
ok "rules: coverage" run 0 rules coverage
ok "rules: coverage json" run 0 rules coverage --format json
ok "rules: 553 rows" json one 'data.rows.length === 553 && data.rows.every(r => r.id && Array.isArray(r.carried_by) && r.tests >= 0)'
ok "rules: coverage bad format" run 2 rules coverage --format xml
ok "rules: coverage without a catalogue" run 2 rules coverage --rulebook "$room/book"
ok "rules: and without figures" test ! -s "$room/out"

# What a platform pushed: one envelope a line, and one JSON over several lines.
cat >"$room/pushed" <<'JSON'
[{"tag":"103","msg_id":"m1","data":"{\"p_id\":4835804142146757000,\"shop_id\":7,\"complete_time\":1772330400}"}]
{"tag":"999","msg_id":"m2","data":"{}"}
{
  "tag": "106", "msg_id": "m3",
  "data": "{\"p_id\":5,\"shop_id\":7,\"cancel_time\":1772330401}"
}
JSON
ok "ingest: runs" run 0 ingest douyin "$room/pushed"
ok "ingest: two events" test "$(wc -l <"$room/out")" -eq 2
ok "ingest: a long id stays whole" out '"order_id":"4835804142146757000"'
ok "ingest: what is no event is told" err 'pushed:2: ignored 999'
ok "ingest: counted" err '2 events, 1 ignored, 0 refused'
cp "$room/out" "$room/ingested"
ok "ingest: for replay" run 0 replay "$room/ingested" --format json
ok "ingest: applied" json one 'data.events.applied === 2 && data.events.rejected === 0'
{ cat "$room/ingested"; echo '{"torn":'; } >"$room/half"
ok "explain: from a file with a torn line" run 0 explain order 5 "$room/half"
ok "explain: says that it is not in it" err '1 lines were refused'
ok "ingest: from a pipe" feed '{"tag":"103","data":"{\"p_id\":1}"}' 1 ingest douyin -
ok "ingest: names the path" err "'content.shop_id' is missing"
ok "ingest: signed" run 1 ingest douyin "$room/pushed" --app-key k --secret s --header 'event-sign: 00'
ok "ingest: not by them" err 'the signature does not match'
ok "ingest: no such platform" run 2 ingest nowhere "$room/pushed"
ok "ingest: names those there are" err 'douyin'
ok "ingest: no such file" run 2 ingest douyin "$room/none"
ok "ingest: usage" run 2 ingest douyin
{ head -c 40 "$room/pushed"; echo; cat "$room/pushed"; } >"$room/torn"
ok "ingest: after a torn line" run 1 ingest douyin "$room/torn"
ok "ingest: what follows it is read" test "$(wc -l <"$room/out")" -eq 2
ok "ingest: the torn one is told" err 'torn:1: '
printf 'no "envelope\n%s\n' "$(head -n 1 "$room/pushed" | tr -d '[]')" >"$room/stray"
ok "ingest: after a line that is none" run 1 ingest douyin "$room/stray"
ok "ingest: what follows it is not taken for more of it" test "$(wc -l <"$room/out")" -eq 1
printf '  {"tag":\n{"tag":"106","msg_id":"m4","data":"{\\"p_id\\":5,\\"shop_id\\":7,\\"cancel_time\\":1772330401}"}\n' >"$room/indented"
ok "ingest: after a torn line that was indented" run 1 ingest douyin "$room/indented"
ok "ingest: what follows that is read" test "$(wc -l <"$room/out")" -eq 1
ok "ingest: broken JSON" feed '{]' 1 ingest jd -
ok "ingest: says so" err 'the body cannot be read'

ok "help" run 0 help
ok "help: exit status" out 'Exit status'
ok "help: a command" run 0 help check
ok "help: usage" out 'guiju check -p'
ok "help: no such command" run 2 help frobnicate
ok "--help" run 0 --help
ok "version" run 0 version
ok "help: language behind" run 0 help --lang zh
ok "help: language behind, heard" out '退出码'
ok "help: language before" run 0 --lang zh help check
ok "help: language before, heard" out '检查要发送的消息'
ok "--help behind a language" run 0 --lang=zh check --help
ok "--help behind a language, heard" out '检查要发送的消息'
ok "no command" run 2
ok "no command: a language alone" run 2 --lang zh
ok "no command: help in it" err '退出码'
ok "an unknown option before the command" run 2 --frobnicate check
ok "an unknown option before the command is named" err 'unknown option --frobnicate'
ok "an unknown option before others is named" run 2 --frobnicate check -p tmall x
ok "an unknown option is not one behind it" err 'unknown option --frobnicate'
ok "--help behind a language, before any command" run 0 --lang zh --help
ok "a word too many" run 2 replay a b
ok "a word too many is named" err "'b' is one too many"
ok "a word too few" run 2 draw
ok "a word too few: usage" err 'guiju draw FLOW'
ok "a database is asked for" run 2 fsck
ok "a database is asked for by name" err '--db'
ok "backtest: another rulebook is asked for" run 2 backtest --db "$room/none"
ok "backtest: by name" err '--rulebook'
ok "a number out of range" run 2 report --days 91
ok "a number out of range: says which" err 'from 0 to 90'
ok "unknown command" run 2 frobnicate
ok "unknown command is named" err frobnicate

LC_ALL=zh_CN.UTF-8
ok "Chinese by locale" run 0 help
ok "Chinese: help" out '退出码'
ok "Chinese: an error" run 2 check x
ok "Chinese: is told" err '请给出'
ok "Chinese: an option" run 2 check -p pdd --bogus x
ok "Chinese: an option is told" err '没有选项 --bogus'
ok "Chinese: the library too" run 2 check -p ebay x
ok "Chinese: the library is told" err '可用：pdd'
ok "Chinese: the system's reasons" run 2 check -f "$room/none"
ok "Chinese: the system's reasons are told" err '没有这个文件或目录'
ok "Chinese: places of a rulebook" run 2 lint --rulebook "$room/book"
ok "Chinese: with line and column" err "a.yaml:2:1: 没有键 'wrods'，是不是 'words'？"
ok "Chinese: how it was disguised" run 1 check -p pdd '微.信 abc12345'
ok "Chinese: in words" out '还原：分隔符'
LC_ALL=C
ok "language by option" run 1 check -p pdd --lang zh "$BAD"
ok "language: bad" run 2 check -p pdd --lang fr "$BAD"
ok "colour: none into a pipe" run 1 check -p pdd "$BAD"
no_escape() { ! grep -q "$(printf '\033')" "$room/out" "$room/err"; }
ok "colour: no escapes" no_escape
ok "colour: always" run 1 check -p pdd --color always "$BAD"
ok "colour: escapes" out "$(printf '\033')\\["

# A file large enough for a progress bar, to a pipe and to a terminal.
awk 'BEGIN { for (i = 0; i < 60000; i++) print "{\"platform\":\"jd\",\"sender\":\"buyer\",\"text\":\"你好，请问有货吗，想买两件\"}" }' >"$room/long"
ok "progress: long file" run 0 check -f "$room/long"
ok "progress: no bar into a pipe" test ! -s "$room/err"
if command -v script >/dev/null; then
  bar() {
    script -qec "$build/guiju check -f $room/long >$room/out" "$room/tty" >/dev/null 2>&1 </dev/null
    grep -q '\[#*\.*\]' "$room/tty" && [ "$(wc -l <"$room/out")" -eq 60000 ]
  }
  ok "progress: a bar on a terminal" bar
fi

ok "test: the rulebook's" run 0 test --only shop.
ok "test: closing line" out '^[0-9]* passed, 0 failed$'
ok "test: of nothing" run 1 test --only no.such
ok "test: of nothing is told" err "begins with 'no.such'"
lint() { "$build/guiju" lint >"$room/out" 2>"$room/err"; [ $? -le 1 ]; }
ok "lint: loads" lint
ok "eval: no corpora there" run 0 eval "$room"
ok "eval: no such folder" run 2 eval "$room/none"
mkdir "$room/corpora" && gzip -c "$room/long" >"$room/corpora/abuse.jsonl"
ok "eval: one that cannot be read" run 2 eval "$room/corpora"
ok "eval: is told" err 'is gzip'
done_tests
