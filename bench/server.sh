#!/bin/sh
# Benchmark: the server, as ratios of one run: bench/server.sh BUILD [MESSAGES]. wrk asks from the same machine, so that
# every rate has its share too. SECONDS_EACH makes it longer or shorter.
set -eu
build=$1 each=${SECONDS_EACH:-4}
dir=$(mktemp -d) pid=
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
"$build/guiju-serve" --listen 127.0.0.1:0 --db "$dir/bench.db" --rulebook rulebook >"$dir/log" 2>&1 &
pid=$!
while ! grep -q http:// "$dir/log"; do sleep 0.1; done
url=$(sed -n 's|.*\(http://[0-9.]*:[0-9]*\).*|\1|p' "$dir/log")
resident() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$pid/status"; }
sleep 1
idle=$(resident)

# Microseconds that the server has had of its cores.
spent() { awk -v tick="$(getconf CLK_TCK)" '{print ($14 + $15) * 1000000 / tick}' "/proc/$pid/stat"; }

# ask CONNECTIONS PATH ARGUMENTS...: requests a second, the p99 in microseconds, microseconds of a core a request
ask() {
  connections=$1 path=$2 before=$(spent)
  shift 2
  wrk -t1 -c"$connections" -d"$each" --latency -s bench/server.lua "$url$path" -- "$@" >"$dir/wrk"
  awk -v before="$before" -v after="$(spent)" '/Requests\/sec/ {rate = $2}
    $1 == "99%" {p = $2; if (p ~ /us$/) p += 0; else if (p ~ /ms$/) p *= 1000; else p *= 1000000}
    /requests in/ {requests = $1} /Non-2xx/ {bad = 1}
    END {printf "%d %d %.1f\n", rate, p, (after - before) / requests; exit bad}' "$dir/wrk" ||
    { echo "refused: $path" >&2; cat "$dir/wrk" >&2; exit 1; }
}
rate() { ask "$@" | cut -d' ' -f1; }
per() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

messages=${2:-examples/messages.jsonl}
rate 64 /healthz fixed >/dev/null
answer=$(ask 64 /healthz fixed)
fixed=${answer%% *} fixed_us=${answer##* }
echo "server: fixed reply $fixed/s over 64 connections, $fixed_us us of a core each"
# checks WHAT SHARE: the first 2,000 messages of the file in turn, SHARE of 100 like none before, singly and in batches of 100
checks() {
  answer=$(ask 64 /v1/check lines "$messages" 1 "$2")
  check=${answer%% *} us=${answer##* } batch=$(rate 16 /v1/check/batch lines "$messages" 100 "$2")
  echo "  checks, $1: $check/s, $(per "$check" "$fixed") of fixed replies (goal 0.85), $us us of a core each" \
    "($(per "$fixed_us" "$us")); in batches of 100 $((batch * 100)) messages/s, $(per $((batch * 100)) "$check") x (goal 10)"
}
rate 64 /v1/check lines "$messages" >/dev/null
checks "messages of which all came before" 0
checks "22 of 100 came before, as agents' messages in the corpus of dialogues" 78
checks "all new" 100
one=$(rate 1 '/v1/events?decision=false' events)
sleep 1
many=$(rate 64 '/v1/events?decision=false' events)
echo "  events, single and durable: 64 clients $many/s, one client $one/s: $(per "$many" "$one") x (goal 10)"
decided=$(rate 64 /v1/events events)
echo "  with the decision in the answer: $decided/s"
quiet=$(ask 4 /v1/check lines "$messages" 1 100 | cut -d' ' -f2)
wrk -t1 -c32 -d$((each + 2)) -s bench/server.lua "$url/v1/events?decision=false" -- events >/dev/null &
busy=$!
sleep 1
beside=$(ask 4 /v1/check lines "$messages" 1 100 | cut -d' ' -f2)
wait $busy
echo "  p99 of a check of a new message: $quiet us alone, $beside us beside events at full rate: $(per "$beside" "$quiet") x (limit 3)"
echo "  resident: $idle KB idle (limit 40960), $(resident) KB now"
kill $pid
wait $pid || true
