#!/bin/sh
# The rulebook's half on events from outside: listed, shown, searched, linted, counted, drawn, explained, and
# refused when it is wrong. Run from the project's folder; GJ_BUILD names the build.
set -u
build=${GJ_BUILD:-build/release}
. tests/ok.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export XDG_CACHE_HOME="$room/cache" LC_ALL=C
unset GUIJU_RULEBOOK NO_COLOR

run() { # run STATUS ARGUMENTS...: keeps out and err
  want=$1
  shift
  "$build/guiju" "$@" >"$room/out" 2>"$room/err" </dev/null
  got=$?
  [ "$got" -eq "$want" ] || { echo "# guiju $*: status $got, not $want"; head -n 5 "$room/err"; false; }
}
out() { grep -q -- "$1" "$room/out" || { echo "# no '$1' in:"; head -n 5 "$room/out"; false; }; }
not_out() { ! grep -q -- "$1" "$room/out" || { echo "# there is '$1'"; false; }; }
err() { grep -q -- "$1" "$room/err" || { echo "# no '$1' in:"; head -n 5 "$room/err"; false; }; }
json() { node -e '
  const data = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  process.exit(eval(process.argv[2]) ? 0 : 1)' "$room/out" "$1" || { head -c 300 "$room/out"; false; }; }

# ---- rules ----
ok "list: every kind" run 0 rules list --lang en
for kind in script flow finding counter metric ladder guidance; do
  ok "list: a $kind" out " $kind "
done
ids() { # the first key of each document
  find rulebook -name '*.yaml' -exec awk 'FNR == 1 || /^---/ { first = 1 }
    first && /^[a-z]+: / { if ($1 ~ /^(rule|script|flow|finding|counter|metric|ladder|guidance):$/) print $2; first = 0 }' {} +
}
awk '{print $1}' "$room/out" >"$room/listed"
all_listed() { missing=$(ids | grep -vxF -f "$room/listed"); [ -z "$missing" ] || { echo "# $missing"; false; }; }
ok "list: each entry of the rulebook" all_listed
ok "show: a flow" run 0 rules show pdd.refund-only --lang zh
ok "show: its states" out '^state *merchant-review  待商家处理'
ok "show: what ends it" out '(final)'
ok "show: its clause" out '^cites'
ok "show: a finding" run 0 rules show tmall.points.close-order-1 --lang en
ok "show: what it books" out '^entry'
ok "show: what its numbers were and are" out '^param *tmall.close-order-points: 6 since 2015-01-01, 1 since 2022-11-25$'
ok "show: in Chinese" run 0 rules show tmall.points.close-order-1 --lang zh
ok "show: its numbers in Chinese" out '^param *tmall.close-order-points：2015-01-01 起 6，2022-11-25 起 1$'
ok "show: a rule on messages" run 0 rules show tmall.payment.credit-card-fee --lang en
ok "show: what its cost is" out '^param .*: [0-9].* since '
ok "show: a fine" run 0 rules show pdd.message.add-contact --lang en
ok "show: who pays whom" out '^cost  *param("pdd.diversion-fine-fen") fen, shop -> platform$'
ok "show: a guidance" run 0 rules show pdd.conduct.blacklist --lang zh
ok "show: what it says" out '^says .*黑名单'
ok "show: a row of the catalogue that entries cover" run 0 rules show pdd.aftersale.return-entry --lang en
ok "show: carried by" out '^pdd.aftersale.return-entry is carried by:'
ok "show: its carrier" out '^pdd.aftersale.apply-steps '
ok "show: a row that a flow carries" run 0 rules show pdd.aftersale.return-refused
ok "show: the flow" out '^pdd.return-refund '
ok "show: a row that nothing carries" run 1 rules show pdd.training.collect-problems
ok "search: by a row that is covered" run 0 rules search aftersale.return-entry
ok "search: finds what covers it" out '^pdd.aftersale.apply-steps '
ok "search: by situation" run 0 rules search 怎么拉黑买家
ok "search: finds the guidance" out '^pdd.conduct.blacklist  *guidance'
ok "coverage: json" run 0 rules coverage --format json
ok "coverage: events carry rows, with tests" json \
  'data.rows.find(r => r.id === "pdd.aftersale.refund-only-48h").carried_by.includes("pdd.refund-only") &&
   data.rows.find(r => r.id === "pdd.aftersale.refund-only-48h").tests > 0'
ok "coverage: a row carried by a deadline's rule" json \
  'data.rows.find(r => r.id === "taobao.order.unpaid-close-3d").carried_by.includes("tmall.order")'
ok "coverage: each row has its system" json 'data.rows.every(r => r.system)'
left=$(node -e 'const d = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")); console.log(d.left)' "$room/out")
ok "coverage: text" run 0 rules coverage --lang en
listed() { [ "$(sed -n '/^left for later/,$p' "$room/out" | grep -c '^  ')" -eq "$left" ]; }
ok "coverage: lists exactly what is left" listed

# ---- a rulebook of its own, with faults ----
book="$room/book"
mkdir "$book"
cp rulebook/schema.yaml "$book"
# one type has no title here: its name stands in
sed '/^  order.closed:/,/about/{/title:/d}' rulebook/events.yaml >"$book/events.yaml"
cat >"$book/sources.yaml" <<'YAML'
sources:
  page: {title: {zh: 页面, en: a page}, date: 2024-01-01}
  unread: {title: {zh: 没人引用, en: nobody cites it}}
YAML
cat >"$book/params.yaml" <<'YAML'
param: a.term
values: {2020-01-01: {value: PT48H, cites: {source: page}}}
---
param: a.idle
values: {2020-01-01: {value: 3, cites: {source: page}}}
YAML
cat >"$book/flow.yaml" <<'YAML'
flow: a.payment
title: {zh: 付款, en: Payment}
cites: {source: page, place: "1"}
entity: order
start: {order.created: {to: unpaid}}
states:
  unpaid:
    title: {zh: 待付款, en: unpaid}
    after: {unpaid-close: {in: param("a.term"), to: closed, raise: a.lapsed}}
    on:
      order.paid: {when: 'event.paid_fen > 0 && "a<b" != "&"', to: paid}
      order.closed: {to: closed}
  paid: {title: {zh: 已付款, en: paid}, final: true}
  closed: {final: true}
tests:
  - on: pdd
    given:
      - 2026-03-01T10:00:00 order.created: {order_id: O1}
    expect: [{at: 2026-03-03T10:00:01, state: {O1: closed}, found: [a.lapsed]}]
---
finding: a.lapsed
title: {zh: 逾期未付, en: Not paid in time}
cites: {source: page, place: "2"}
severity: minor
because: {zh: 四十八小时未付款, en: not paid within two days}
YAML
ok "lint: tells" run 1 lint --rulebook "$book" --lang en
ok "lint: a transition that no test takes" err "no test of the rulebook takes this step of 'a.payment'"
untaken() { [ "$(grep -c 'takes this step' "$room/err")" -eq 2 ] || { cat "$room/err"; false; }; }
ok "lint: those two alone" untaken
ok "lint: a source nobody cites" err "no entry cites source 'unread'"
ok "lint: a parameter nothing reads" err "nothing reads parameter 'a.idle'"
no_term() { ! grep -q "'a.term'" "$room/err"; }
ok "lint: one that a deadline reads is none" no_term

# What an entry reads is what its expressions call, however they are written, and no text that looks alike.
cp -r "$book" "$room/reads"
cat >>"$room/reads/flow.yaml" <<'YAML'
measures:
  - what: muted
    for: hours(24)
    when: "param (\n 'a.idle') > 2 && 'param(\"a.term\")' != ''"
YAML
ok "show: a finding with a measure" run 0 rules show a.lapsed --rulebook "$room/reads" --lang en
ok "show: when the measure is taken" out '^ .*a.idle.* > 2'
ok "show: a parameter that a measure's condition reads" out '^param *a.idle: 3 since 2020-01-01$'
one_param() { [ "$(grep -c '^param' "$room/out")" -eq 1 ] || { cat "$room/out"; false; }; }
ok "show: none that stands in a text" one_param

# ---- draw ----
cp -r "$book" "$room/reason"
ok "draw: mermaid" run 0 draw a.payment --rulebook "$book" --lang zh
ok "draw: states by their titles" out 'state "待付款<br/>unpaid" as s0'
ok "draw: the deadline in words" out 's0 --> s2 : 时限 48 小时 · unpaid-close<br/>违规：逾期未付'
ok "draw: guards, escaped" out 's0 --> s1 : 付款<br/>\[event.paid_fen #gt; 0 #amp;#amp; #quot;a#lt;b#quot;'
ok "draw: final states end" out 's2 --> \[\*\]'
ok "draw: a type without a title" out 's0 --> s2 : order.closed'
ok "draw: the source" out '%% 页面, 1'
sed "s/^title: {zh: 付款, en: Payment}/title: {zh: 付款, en: 'The \"payment\"'}/" "$book/flow.yaml" >"$room/reason/flow.yaml"
ok "draw: quotes in a title" run 0 draw a.payment --rulebook "$room/reason" --lang en
ok "draw: stay in its quotes" out 'title: "The \\"payment\\" (a.payment)"'
ok "draw: svg" run 0 draw a.payment --rulebook "$book" --lang en -o "$room/a.svg"
svg() { grep -q "$1" "$room/a.svg" || { echo "# no '$1'"; false; }; }
ok "draw: svg is XML" node -e 'if (!/^<\?xml[\s\S]*<svg[\s\S]*<\/svg>\s*$/.test(require("fs").readFileSync(process.argv[1], "utf8"))) process.exit(1)' "$room/a.svg"
ok "draw: dashed deadline" svg 'stroke-dasharray'
ok "draw: 48 hours" svg '48 hours'
ok "draw: finding" svg 'Not paid in time'
ok "draw: citation" svg 'a page, 1'
ok "draw: png" run 0 draw a.payment --rulebook "$book" -o "$room/a.png"
ok "draw: dot" run 0 draw a.payment --rulebook "$book" -o "$room/a.dot"
ok "draw: dot is Graphviz's" grep -q '^digraph "a.payment"' "$room/a.dot"
every_flow() {
  for flow in $("$build/guiju" rules list --lang en | awk '$2 == "flow" {print $1}'); do
    "$build/guiju" draw "$flow" --lang zh -o "$room/f.svg" || return 1
  done
}
ok "draw: every flow of the rulebook" every_flow
ok "draw: no such flow" run 2 draw pdd.refund-onyl
ok "draw: did you mean" err "did you mean 'pdd.refund-only'"
ok "draw: no such form" run 2 draw a.payment --rulebook "$book" -o "$room/a.xyz"
ok "draw: no form" run 2 draw a.payment --rulebook "$book" -o "$room/picture"
ok "draw: which there are" err 'ends in .svg'
ok "draw: nothing" run 2 draw
no_dot() { PATH=/none run 2 draw a.payment --rulebook "$book" -o "$room/b.svg"; }
ok "draw: without Graphviz" no_dot
ok "draw: says what to do" err 'graphviz'

# ---- explain ----
event() { # event ID TYPE TIME DATA [SHOP]
  printf '{"specversion":"1.0","id":"%s","source":"/pdd/%s","type":"%s","time":"%s+08:00","data":%s}\n' \
    "$1" "${5:-s1}" "$2" "$3" "$4"
}
order='"buyer_id":"b1","goods_fen":100,"freight_fen":0,"lines":[]'
{
  event e1 order.created 2026-03-01T10:00:00 "{\"order_id\":\"O1\",$order}"
  event e2 order.created 2026-03-04T10:00:00 "{\"order_id\":\"O2\",$order}"
} >"$room/events"
ok "explain: a stream" run 0 explain order O1 "$room/events" --rulebook "$book" --lang en
ok "explain: the event" out '^2026-03-01 10:00:00  order placed  order.created'
ok "explain: the move" out 'Payment a.payment: begins → unpaid'
ok "explain: by which clause" out 'a page, 1'
ok "explain: the deadline set" out 'deadline set unpaid-close · order O1 · 2026-03-03 10:00:00'
ok "explain: the deadline passed" out '^2026-03-03 10:00:00  deadline passed: unpaid-close'
ok "explain: what was found" out 'found: Not paid in time'
ok "explain: why" out 'because not paid within two days'
cp "$book/flow.yaml" "$room/reason"
sed -i 's/raise: a.lapsed}/raise: a.lapsed, because: {zh: 两天没付, en: two days without payment}}/' "$room/reason/flow.yaml"
ok "explain: a step's own reason" run 0 explain order O1 "$room/events" --rulebook "$room/reason" --lang zh
ok "explain: goes before the finding's" out '原因：两天没付'
ok "explain: the same in English" run 0 explain order O1 "$room/events" --rulebook "$room/reason" --lang en
ok "explain: is the same" out '^        because two days without payment'
both() { [ "$(grep -c 'because two days' "$room/out")" -eq 2 ] || { cat "$room/out"; false; }; }
ok "explain: of the step and of what it found" both
ok "explain: a stream again" run 0 explain order O1 "$room/events" --rulebook "$book" --lang en
ok "explain: nothing open" out 'No deadline is open'
ok "explain: by the kind's title" run 0 explain 订单 O1 "$room/events" --rulebook "$book" --lang zh
ok "explain: kinds by their titles" out '^    → 订单 O1 · 付款 a.payment：开始 → 待付款（unpaid）$'
ok "explain: severities in Chinese" out '发现：逾期未付（一般） · 订单 O1$'
ok "explain: flows by their titles" out '^  订单 O1 · 付款 a.payment：closed$'
ok "explain: open" run 0 explain order O2 "$room/events" --rulebook "$book" --lang zh
ok "explain: how long" out '2026-03-06 10:00:00（还有 48 小时 0 分）'
sed 's/PT48H/PT681H/' "$book/params.yaml" >"$room/long" && cp -r "$book" "$room/longer" && cp "$room/long" "$room/longer/params.yaml"
ok "explain: open for long" run 0 explain order O2 "$room/events" --rulebook "$room/longer" --lang zh
ok "explain: in days" out '（还有 28 天 9 小时）'
ok "explain: open again" run 0 explain order O2 "$room/events" --rulebook "$book" --lang zh
ok "explain: and then" out '到时：→ closed，发现 逾期未付'
ok "explain: until" run 0 explain order O1 "$room/events" --until 2026-03-01T12:00:00+08:00 --rulebook "$book"
ok "explain: it is open then" out 'a.payment: unpaid'
ok "replay into a database" run 0 replay "$room/events" --db "$room/db" --rulebook "$book"
event e3 order.paid 2026-03-02T10:00:00 '{"order_id":"O1","paid_fen":100}' >"$room/late"
ok "replay: a late event" run 0 replay "$room/late" --db "$room/db" --rulebook "$book"
cp "$room/db" "$room/db.before"
ok "explain: a database" run 0 explain order O1 --db "$room/db" --rulebook "$book" --lang en
ok "explain: late is marked" out '#e3  \[late\]'
ok "explain: the correction" out 'finding withdrawn: a.lapsed'
ok "explain: as it is now" out 'Payment a.payment: paid'
ok "explain: json" run 0 explain order O1 --db "$room/db" --rulebook "$book" --format json
ok "explain: json holds all" json \
  'data.history.length === 2 && data.history[1].late && data.history[1].then.some(n => n.what === "moved" && n.of.to === "paid") &&
   data.history[1].then.some(n => n.what === "cleared") && data.corrections.length === 1 && data.states[0].state === "paid" && data.open.length === 0'
unchanged() {
  a=$(sqlite3 "$room/db.before" .dump 2>/dev/null | cksum)
  [ "$a" = "$(sqlite3 "$room/db" .dump 2>/dev/null | cksum)" ]
}
command -v sqlite3 >/dev/null && ok "explain: nothing is stored" unchanged
event e4 order.created 2026-03-04T10:00:00 "{\"order_id\":\"O1\",$order}" s2 >"$room/other"
ok "replay: another shop" run 0 replay "$room/other" --db "$room/db" --rulebook "$book"
ok "explain: two shops know it" run 2 explain order O1 --db "$room/db" --rulebook "$book"
ok "explain: says --shop" err '--shop'
ok "explain: by shop" run 0 explain order O1 --db "$room/db" --shop s2 --rulebook "$book"
ok "explain: the shop" out '^order O1 · /pdd/s2'
ok "explain: unknown entity" run 2 explain order O9 --db "$room/db" --rulebook "$book"
ok "explain: unknown kind" run 2 explain oder O1 --db "$room/db" --rulebook "$book"
ok "explain: did you mean" err "did you mean 'order'"
ok "explain: no such database" run 2 explain order O1 --db "$room/none"
ok "explain: it is not made" test ! -e "$room/none"
ok "explain: neither stream nor database" run 2 explain order O1

# ---- mistakes of an editor: one error each, with its place and a remedy ----
wrong() { # wrong NAME SED WORDS ERRORS: the rulebook so changed is refused with those words and so many errors
  rm -rf "$room/wrong"
  cp -r "$book" "$room/wrong"
  sed -E "$2" "$book/flow.yaml" >"$room/wrong/flow.yaml"
  "$build/guiju" lint --rulebook "$room/wrong" --lang en >"$room/out" 2>"$room/err"
  got=$?
  [ "$got" -eq 2 ] && grep -qF -- "$3" "$room/err" && [ "$(grep -c '^[^ ].*:[0-9]*:[0-9]*: ' "$room/err")" -eq "$4" ] ||
    { echo "# $1: status $got"; head -n 12 "$room/err"; false; }
}
tab=$(printf '\t')
ok "mistake: a tab" wrong tab "s/^entity/${tab}entity/" 'indent with spaces' 1
ok "mistake: indentation" wrong indent 's/^  paid:/   paid:/' 'same column as its neighbours' 1
ok "mistake: a full-width colon" wrong colon 's/^entity: /entity：/' 'not ：' 1
ok "mistake: it ends a key" wrong key 's/zh: 付款,/zh：付款,/' "write ': ' for ：" 2
ok "mistake: an open bracket" wrong open 's/found: \[a.lapsed\]/found: [a.lapsed/' 'close' 1
ok "mistake: a kind of entry" wrong kind 's/^finding:/findign:/' "did you mean 'finding'" 2
ok "mistake: the kind is not first" wrong first "s/^finding: (.*)/because: x\nfinding: \1/;/^because: \{/d" "first key" 2
ok "mistake: a choice" wrong choice 's/minor/mino/' "must be one of: bonus, minor, major, critical; did you mean 'minor'?" 1
ok "mistake: an entity" wrong entity 's/^entity: order/entity: ordre/' "did you mean 'order'" 1
ok "mistake: a state" wrong state 's/to: paid\}/to: piad}/' "did you mean 'paid'" 1
ok "mistake: an event" wrong event 's/order.paid:/order.payed:/' 'did you mean order.paid' 1
ok "mistake: no start" wrong start '/^start:/d' "'start' is missing" 1
ok "mistake: an id twice" wrong twice 's/^finding: a.lapsed/finding: a.lapsed\ntitle: {zh: a, en: a}\ncites: {source: page}\nseverity: minor\n---\nfinding: a.lapsed/' 'first in' 1
ok "mistake: a duration as in parameters" wrong duration 's/param\("a.term"\)/PT48H/' 'duration("48h")' 1
ok "mistake: a date" wrong date 's/^entity: order/entity: order\nfrom: 2024-02-30/' 'YYYY-MM-DD and exist' 1
ok "mistake: a measure" wrong measure 's/^severity: minor/severity: minor\nmeasures: [no-newgoods]/' "did you mean 'no-new-goods'" 1
sed 's/2020-01-01/2020-13-01/' "$book/params.yaml" >"$room/params"
param_date() {
  rm -rf "$room/wrong" && cp -r "$book" "$room/wrong" && cp "$room/params" "$room/wrong/params.yaml"
  run 2 lint --rulebook "$room/wrong" && [ "$(grep -c 'params.yaml:[0-9]' "$room/err")" -eq 2 ] &&
    ! grep -q 'flow.yaml' "$room/err" || { cat "$room/err"; false; }
}
ok "mistake: a parameter's date says nothing of who reads it" param_date
rm -rf "$room/wrong" && cp -r "$book" "$room/wrong"
ln -s nobody "$room/wrong/.#flow.yaml" && ln -s nobody "$room/wrong/backup~"
ok "an editor's own files" run 1 lint --rulebook "$room/wrong"
printf 'lexicon: a-words\nwords: [甲乙丙，丁戊己, 庚辛]\n' >"$room/wrong/words.yaml"
ok "mistake: a full-width comma between words" run 1 lint --rulebook "$room/wrong"
ok "mistake: it is told, at the word" err "words.yaml:2:9: warning: no message holds '甲乙丙，丁戊己' so"
sed 's/{order_id: O1}$/{order_id: O1, order_di: O1}/' "$book/flow.yaml" >"$room/wrong/flow.yaml"
ok "mistake: a field in a test" run 1 test --rulebook "$room/wrong"
ok "mistake: a field in a test is named" out "order.created has no field 'order_di'"

# ---- tests of another form than they must have look at nothing: they fail, none passes or crashes ----
formless() { # formless WORDS TEST: a test of a.payment, in one line, fails with those words
  cp "$book/flow.yaml" "$room/wrong/flow.yaml"
  sed -i '/^tests:/,/^---/{/^tests:/!{/^---/!d}}' "$room/wrong/flow.yaml"
  sed -i "s/^tests:/&\n  - $2/" "$room/wrong/flow.yaml"
  run 1 test --only a. --rulebook "$room/wrong" && out "^[01] passed, 1 failed\$" && grep -qF -- "$1" "$room/out" &&
    run 1 lint --rulebook "$room/wrong" || { head -n 5 "$room/out"; false; }
}
seen() { # seen WORDS DEMAND: the same of what is expected
  formless "$1" "{on: pdd, given: [2026-03-01T10:00:00 order.created: {order_id: O1}], expect: [{at: 2026-03-03T10:00:01, $2}]}"
}
ok "test: a finding nobody knows is not unfound" seen "did you mean 'a.lapsed'" 'not_found: [a.lapsd]'
ok "test: nor a deadline none" seen "did you mean 'unpaid-close'" 'deadline: {unpaid-clos: none}'
ok "test: nor a measure" seen "unknown measure 'no-such'" 'measure: {no-such: none}'
ok "test: nor an account at 0" seen "unknown account 'shpo'" 'ledger: {shpo: 0}'
ok "test: a sum in words" seen "'none' is no number" 'ledger: {shop: none}'
ok "test: a state" seen "did you mean 'closed'" 'state: {O1: closde}'
ok "test: a key" seen "did you mean 'state'" 'stat: {O1: paid}'
ok "test: nothing looked at" seen 'nothing is looked at' ''
for key in state states deadline ledger measure metric; do
  ok "test: $key as a word" seen "'$key' looks at nothing" "$key: none"
  ok "test: $key as a list" seen "'$key' looks at nothing" "$key: [O1]"
  ok "test: $key of nothing" seen "'$key' looks at nothing" "$key: {}"
done
ok "test: found of nothing" seen "'found' looks at nothing" 'found: []'
ok "test: a time" seen 'is no time' 'deadline: {unpaid-close: soon}'
ok "test: in Chinese" run 1 test --only a. --rulebook "$room/wrong" --lang zh
ok "test: with its place" out '第 [0-9]* 行：.soon. 不是时间'
ok "test: another time, with its zone" seen 'is 2026-03-03T10:00:00+08:00, not' \
  'state: {O1: closed}}, {at: 2026-03-01T11:00, deadline: {unpaid-close: 2026-03-03T11:00}'
ok "test: no expectation" formless 'expects nothing' '{on: pdd, given: []}'
ok "test: a key of its own" formless "did you mean 'given'" '{givn: [], expect: [{at: 2026-03-01, state: {O1: none}}]}'
ok "test: an event twice in a line" formless "begins with '- '" \
  '{given: [{2026-03-01 order.created: {order_id: O1}, 2026-03-02 order.paid: {order_id: O1}}], expect: [{at: 2026-03-01, state: {O1: unpaid}}]}'
ok "test: data that is a list" formless 'is {FIELD: VALUE}' \
  '{given: [2026-03-01 order.created: [O1]], expect: [{at: 2026-03-01, state: {O1: unpaid}}]}'
ok "test: a field within a field" formless "lines has no field 'lnie_id'" \
  '{given: [2026-03-01 order.created: {order_id: O1, lines: [{lnie_id: L1}]}], expect: [{at: 2026-03-01, state: {O1: unpaid}}]}'
ok "test: an event behind all that is looked at" formless 'behind this event' \
  '{given: [2026-03-01 order.created: {order_id: O1}, 2026-03-02 order.paid: {order_id: O1}], expect: [{at: 2026-03-01, state: {O1: unpaid}}]}'
ok "test: a shop that is a list" formless "'shop' looks at nothing" '{shop: [a], expect: [{at: 2026-03-01, state: {O1: none}}]}'
ok "test: a word" formless 'a test is {given' 'hello'

# The same beside an envelope.
mkdir "$room/pushed" && cp rulebook/schema.yaml rulebook/events.yaml rulebook/sources.yaml "$room/pushed"
pushed() { # pushed WORDS TESTS
  sed '/^tests:/,$d' rulebook/jd/envelope.yaml >"$room/pushed/envelope.yaml"
  printf 'tests: %s\n' "$2" >>"$room/pushed/envelope.yaml"
  run 1 test --only jd. --rulebook "$room/pushed" && out '^0 passed, 1 failed$' && grep -qF -- "$1" "$room/out" ||
    { head -n 5 "$room/out"; false; }
}
ok "test: an envelope's headers as a list" pushed "'headers' is {NAME: VALUE}" '[{headers: [a], given: {}, expect: []}]'
ok "test: of an envelope, a key" pushed "did you mean 'expect'" '[{given: x, expcet: [{event: y}], refused: body}]'
ok "test: of an envelope, a time" pushed 'is no time' '[{given: x, received: soon, refused: body}]'
ok "test: of an envelope, nothing expected" pushed 'expects nothing' '[{given: x}]'
ok "test: of an envelope, a list of reasons" pushed "'refused' needs a text" '[{given: {}, expect: [{refused: [a]}]}]'
ok "test: of an envelope, a word" pushed 'a test is {given' 'hello'

# ---- a half on events that is wrong ----
sed 's/to: paid}$/to: piad}/' "$book/flow.yaml" >"$room/flow" && mv "$room/flow" "$book/flow.yaml"
ok "wrong: told at load" run 2 rules list --rulebook "$book"
ok "wrong: place" err 'flow.yaml:11:'
ok "wrong: remedy" err "did you mean 'paid'"
ok "wrong: told again, it is not cached" run 2 check -p pdd --rulebook "$book" x
ok "wrong: and to whom judges messages" err "unknown state 'piad'"
rm "$book/events.yaml"
ok "wrong: flows without events" run 2 rules list --rulebook "$book"
ok "wrong: says what is missing" err 'add events.yaml'
done_tests
