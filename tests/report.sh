#!/bin/sh
# `guiju report` and `guiju deadlines` from outside: their figures against the state that a replay tells,
# whether the distance to a fine is true, the forms of output, bad usage. Run from the project's folder;
# GJ_BUILD names the build.
set -u
build=${GJ_BUILD:-build/release}
. tests/ok.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export LC_ALL=C
unset GUIJU_SIMULATION GUIJU_RULEBOOK NO_COLOR

run() { # run STATUS ARGUMENTS...: keeps out and err
  want=$1
  shift
  "$build/guiju" "$@" >"$room/out" 2>"$room/err" </dev/null
  got=$?
  [ "$got" -eq "$want" ] || { echo "# guiju $*: status $got, not $want"; head -n 5 "$room/err"; false; }
}
to() { # to FILE ARGUMENTS...: output into $room/FILE
  file=$1
  shift
  run 0 "$@" && cp "$room/out" "$room/$file"
}
out() { grep -q -- "$1" "$room/out" || { echo "# no '$1' in:"; head -n 5 "$room/out"; false; }; }
no() { ! grep -q -- "$1" "$room/out" || { echo "# '$1' in the output"; false; }; }
err() { grep -q -- "$1" "$room/err" || { echo "# no '$1' in:"; head -n 5 "$room/err"; false; }; }
compare() { node tests/report_compare.js "$room" "$1"; } # compare WHAT

# Three days of every platform's shop.
ok "simulate" run 0 simulate --seed 11 --shops 6 --days 3 --orders 60 --from 2026-03-02 -o "$room/all.jsonl"
ok "replay" to state replay "$room/all.jsonl" --db "$room/all.db" --format json
ok "report" to report report --db "$room/all.db" --format json --within 3650d
ok "deadlines" to deadlines deadlines --db "$room/all.db" --format json --within 3650d
ok "yesterday" to yesterday report --db "$room/all.db" --format json --day 2026-03-03
ok "metrics are the state's" compare metrics
ok "deadlines are the state's, by time" compare deadlines
ok "findings are the day's" compare findings
ok "sums of accounts are the day's" compare ledger
ok "points are the year's" compare points
ok "measures are those that run" compare measures
ok "an earlier day" compare yesterday
ok "a day that has not begun" run 0 report --db "$room/all.db" --format json --day 2030-01-01
ok "has no metrics, those of today are not its own" sh -c 'node -e "
  const days = JSON.parse(require(\"fs\").readFileSync(process.argv[1]));
  process.exit(days.length === 6 && days.every((d) => d.metrics.length === 0) ? 0 : 1)" "$1"' - "$room/out"
ok "one shop" run 0 report --db "$room/all.db" --shop /pdd/s1 --lang zh
ok "and no other" no '/taobao/'
ok "in Chinese" out '即将到期'
ok "in English" run 0 report --db "$room/all.db" --shop /pdd/s1 --lang en
ok "so" out 'Runs out next'
ok "a report changes nothing" to again replay "$room/all.jsonl" --db "$room/all.db" --format json
ok "the state is the same" cmp -s "$room/state" "$room/again"

# Points on a ladder of which no step is known are counted and no more; a penalty need not name its rule.
cat >"$room/points.jsonl" <<'EOF'
{"specversion":"1.0","id":"e1","source":"/jd/s1","type":"penalty.notified","time":"2026-03-02T10:00:00+08:00","data":{"penalty_id":"P1","points":3,"class":"general"}}
EOF
ok "a penalty without a rule" run 0 replay "$room/points.jsonl" --db "$room/points.db"
for form in text html; do
  ok "its report, $form" run 0 report --db "$room/points.db" --lang zh --format "$form"
  ok "its points" out '京东一般违规扣分'
  ok "lead to no step" no '再扣 [0-9]* 分到 100000000\|已过最高一档'
  ok "under words" out '未注明规则'
done

# How far it is to a fine: as many more as the report says, and not one less.
near() { # near UNANSWERED [MEAN]: a day on which 60 were answered and so many not
  # shellcheck disable=SC2086
  node tests/report_stream.js 60 "$1" ${2:-} >"$room/near.jsonl" && rm -f "$room/near.db" &&
    run 0 replay "$room/near.jsonl" --db "$room/near.db" && to near report --db "$room/near.db" --format json
}
ok "58 are not answered" near 58
ok "the report says how far it is" compare near
ok "a step that waits for the mean of peers is not told" compare alone
ok "their mean is told" near 58 8000
ok "and the step that asks for it" compare peers
ok "58 are not answered again" near 58
missing=$(cat "$room/distance" 2>/dev/null || echo 0)
ok "it is more than one" test "$missing" -gt 1
ok "one less" near $((58 + missing - 1))
ok "is no breach" compare no-breach
ok "as many" near $((58 + missing))
ok "is one" compare breach
ok "told in words" run 0 report --db "$room/near.db" --lang zh
ok "with what it costs" out '罚1000元'

# What an event counts for: the decision names the counter and the metrics that read it.
ok "a shop-day" run 0 replay examples/shop-day.jsonl --db "$room/day.db"
ok "a message's decision" run 0 explain event e23 --shop /pdd/s1 --db "$room/day.db"
ok "counts it" out '"what":"counted","of":{"counter":"pdd.asked",[^}]*"metrics":\["pdd.metric.effective-reply-rate"\]}'
ok "in words" run 0 explain session S1 --shop /pdd/s1 --db "$room/day.db" --lang zh
ok "with the metric's name" out '# 计入 咨询的买家 · 有效回复率'

# What is at risk: an act counts once, and no more once it was ruled on.
said() { # said ID TIME: a sentence that breaks several rules of PDD's
  printf '{"specversion":"1.0","id":"%s","source":"/pdd/s1","type":"chat.message.created","time":"2026-03-%s+08:00","data":{"session_id":"%s","message_id":"%s","sender":"agent","agent_id":"a1","buyer_id":"b1","text":"您好，方便的话加我微信聊一下吧"}}\n' \
    "$1" "$2" "$1" "$1"
}
risk() { # risk DAY FEN
  to risk report --db "$room/words.db" --format json --day "2026-03-0$1" &&
    node -e 'const [d] = JSON.parse(require("fs").readFileSync(process.argv[1])).map((s) => s.money.risk_fen);
      if (d !== Number(process.argv[2])) { console.log("# " + d); process.exit(1) }' "$room/risk" "$2"
}
{
  said M1 02T10:00:00
  said M2 03T10:00:00
  said M3 04T10:00:00
  printf '{"specversion":"1.0","id":"r","source":"/pdd/s1","type":"finding.ruled","time":"2026-03-05T10:00:00+08:00","data":{"finding_id":"F1","rule":"pdd.message.divert-trade","by":"p","subject":{"kind":"message","id":"M2"}}}\n'
} >"$room/words.jsonl"
ok "three sentences, one ruled on" run 0 replay "$room/words.jsonl" --db "$room/words.db"
ok "the third, with the hits it makes full" risk 4 10000000
ok "the second is ruled on since" risk 3 0
ok "and so is the ruling itself" risk 5 0

# Forms.
ok "page" run 0 report --db "$room/all.db" --format html --lang zh -o "$room/page.html"
ok "a whole page, nothing from outside, tags closed" compare page
ok "page in English" run 0 report --db "$room/all.db" --format html --lang en
ok "is in English" out '<html lang="en">'
ok "what comes from outside is text" compare escaped
ok "workbook" run 0 report --db "$room/all.db" --xlsx "$room/day.xlsx" --lang zh
ok "is a workbook" unzip -tqq "$room/day.xlsx"
ok "unpacked" unzip -qqo "$room/day.xlsx" -d "$room/xlsx"
ok "five sheets with the day's rows" compare workbook
ok "time left" run 0 deadlines --db "$room/all.db" --within 12h --lang zh
ok "in hours" out '小时'
ok "seen from later" run 0 deadlines --db "$room/all.db" --at 2026-03-06T00:00:00+08:00 --lang zh
ok "some have passed" out '已过'

# Usage.
ok "no database" run 2 report --db "$room/none.db"
ok "is not made" test ! -e "$room/none.db"
ok "no such shop" run 2 report --db "$room/all.db" --shop /pdd/none
ok "is told" err 'there is no shop /pdd/none'
ok "nor for deadlines" run 2 deadlines --db "$room/all.db" --shop /pdd/none
ok "no date" run 2 report --db "$room/all.db" --day 2026-13-01
ok "no span" run 2 deadlines --db "$room/all.db" --within soon
ok "no time" run 2 deadlines --db "$room/all.db" --at soon
ok "no format" run 2 report --db "$room/all.db" --format pdf
ok "cannot write" run 2 report --db "$room/all.db" --format html -o "$room/none/x"
ok "nor a workbook" run 2 report --db "$room/all.db" --xlsx "$room/none/x.xlsx"
ok "manual" grep -q '^\.Ss report' man/guiju.1
ok "completion" grep -q 'deadlines' completions/guiju
done_tests
