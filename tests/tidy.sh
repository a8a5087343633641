#!/bin/sh
# The house rules of the source, as a test: which room includes which, which file calls which, no platform's
# name in C, no banned call, each file opens by naming its room, and no file or line is too long. Run from the
# project's folder; GJ_BUILD names the build.
set -u
. tests/ok.sh
build=${GJ_BUILD:-build/release}
sources=$(find src -name '*.[ch]' -o -name '*.cc' | sort)
everything=$(find src include tests fuzz bench tools examples \( -name '*.[ch]' -o -name '*.cc' \) | sort)

# nothing NAME LINES...: passes when LINES is empty, else shows it.
nothing() {
  [ -z "$1" ] || { printf '%s\n' "$1" | head -n 20; false; }
}

# A room includes itself and the rooms before it on the way.
directions() {
  for file in $sources; do
    room=${file#src/}
    room=${room%%/*}
    case $room in
      base) may="base" ;;
      wire) may="base|wire" ;;
      text) may="base|text" ;;
      expr) may="base|wire|text|expr" ;;
      book) may="base|wire|text|expr|book" ;;
      judge) may="base|wire|text|expr|book|judge|guiju" ;;
      flow) may="base|wire|text|expr|book|judge|flow" ;;
      tally) may="base|wire|text|expr|book|judge|flow|tally" ;;
      store) may="base|wire|text|expr|book|judge|flow|tally|store" ;;
      engine) may="base|wire|text|expr|book|judge|flow|tally|store|engine|guiju" ;;
      sim) may="base|wire|book|sim|guiju" ;;
      people) may="base|wire|people|guiju|store/office\.h" ;;
      hook) may="base|wire|people|hook|guiju|store/office(_hook)?\.h" ;;
      server) may="base|wire|people|hook|server|guiju|store/office(_review)?\.h" ;;
      cli) may="cli|guiju"
        # commands of the server and its people
        case $file in src/cli/people*.[ch]|src/cli/serve*.c) may="base|people|server|store/office\.h|$may" ;;
          src/cli/draw.c) may="server/dot\.h|$may" ;; esac ;;
      *) may="none" ;;
    esac
    sed -nE 's/^#include "([^"]*)".*/\1/p' "$file" | grep -vE "^($may)(/|\$)" | sed "s|^|$file includes |"
  done
}

# Files of a room that call each other in a circle, from the symbols of what was built.
circles() {
  objects=$(find "$build" -name 'src_*.o')
  [ -n "$objects" ] || echo "$build holds no objects"
  nm -A $objects | awk '{
    at = index($0, ".o:"); file = substr($0, 1, at - 1); sub(/.*\/src_/, "", file)
    room = file; sub(/_.*/, "", room)
    if ($(NF - 1) ~ /^[TDRBV]$/) { defined[$NF] = file; home[$NF] = room }
    else if ($(NF - 1) == "U") { uses[file " " $NF] = room }
  } END {
    for (use in uses) {
      split(use, part, " ")
      if (part[2] in defined && home[part[2]] == uses[use] && defined[part[2]] != part[1])
        print part[1], defined[part[2]]
    }
  }' | sort -u | tsort 2>&1 >/dev/null | sed 's/^tsort: //'
}

# Code without its comments and strings, as file:line:code.
code() {
  for file in $sources; do
    awk -v file="$file" '{
      line = $0; out = ""
      gsub(/\\./, "", line)
      gsub(/"[^"]*"/, "\"\"", line)
      while (line != "") {
        if (inside) {
          at = index(line, "*/")
          if (at == 0) { line = "" } else { line = substr(line, at + 2); inside = 0 }
        } else {
          at = index(line, "/*")
          if (at == 0) { out = out line; line = "" }
          else { out = out substr(line, 1, at - 1); line = substr(line, at + 2); inside = 1 }
        }
      }
      print file ":" NR ":" out
    }' "$file"
  done
}

# Sentences that src/base/phrases*.c puts into Chinese and no other source says: of each the longest piece between
# its holes is looked for, without up to four words at its front and at its end, which the source may put
# together. Strings that follow each other are one. phrases_libraries.c has what other libraries say.
joined() { cat "$@" | tr '\n' ' ' | sed -E 's/([^\\])"[[:space:]]+"/\1/g'; }
unsaid() {
  { joined $(printf '%s\n' $sources | grep -v '^src/base/phrases'); echo; joined $(ls src/base/phrases*.c | grep -v libraries) | sed 's/{"/\n{"/g'; echo; } |
    awk 'NR == 1 { said = $0; next }
    /^\{"/ {
      row = substr($0, 3); sub(/", +".*/, "", row)
      parts = split(row, part, /%s/); longest = ""
      for (i = 1; i <= parts; i++) sub(/^[^a-zA-Z]+/, "", part[i])
      for (i = 1; i <= parts; i++) if (length(part[i]) > length(longest)) longest = part[i]
      for (front = 0; front <= 4; front++) {
        piece = longest
        for (end = 0; end <= 4; end++) {
          if (piece != "" && index(said, piece) > 0) next
          sub(/ *[^ ]+ *$/, "", piece)
        }
        if (longest !~ / [^ ]/) break
        sub(/^[^ ]+ +/, "", longest)
      }
      print row
    }'
}

platforms='pdd|pinduoduo|yangkeduo|taobao|tmall|douyin|kuaishou|拼多多|淘宝|天猫|抖音|快手|京东|[^a-z_]jd[^a-z_]'
stdio='strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|alloca|system|popen|tmpnam|mktemp'
lines=$(code)

ok "rooms include only rooms before them" nothing "$(directions)"
ok "the files of a room call only downwards" nothing "$(circles)"
# Words of messages are no dependence on a platform (room text: carriers, names that are no accounts),
# nor are the corpora's own fields (guiju eval).
ok "no platform is named in C" nothing "$(grep -nEi "$platforms" \
  $(printf '%s\n' $sources | grep -vE '^src/text/|^src/cli/eval.c') /dev/null)"
ok "no banned call" nothing "$(printf '%s\n' "$lines" | grep -E "(^|[^a-zA-Z0-9_])($stdio)[[:space:]]*\(")"
ok "the library never ends the process, prints, or sets the locale" nothing "$(printf '%s\n' "$lines" |
  grep -vE '^src/(cli/|server/main)' | grep -E '(^|[^a-zA-Z0-9_.>])(abort|exit|_exit|printf|puts|putchar|perror|setlocale|signal)[[:space:]]*\(')"
ok "no globals that change" nothing "$(printf '%s\n' "$lines" | grep -v '^src/cli/' |
  grep -E ':static [a-z_ ]*[a-z_]+(\[[^]]*\])?( = [^(]*)?;$' | grep -vE 'const|empty_string')"
ok "each file opens by naming its room" nothing "$(for file in $sources; do
  room=${file#src/}
  head -n 1 "$file" | grep -q "^/\* Room ${room%%/*}[,:]" || echo "$file"
done)"
ok "each file opens with a comment" nothing "$(for file in $everything; do
  head -n 1 "$file" | grep -qE '^(/\*|//) ' || echo "$file"
done)"
ok "no file is longer than 800 lines" nothing "$(wc -l $everything | awk '$1 > 800 && $2 != "total"')"
ok "no line is longer than 100 columns" nothing "$(LC_ALL=C.UTF-8 grep -nE '^.{101,}' $everything |
  cut -c1-120)"
ok "no tabs, no blanks at line ends" nothing "$(grep -nE "$(printf '\t')|[[:space:]]\$" $everything /dev/null)"
ok "what is put into Chinese is said somewhere" nothing "$(unsaid)"
ok "every source is built" nothing "$(for file in $(find src tools -name '*.c' -o -name '*.cc'); do
  grep -q "'$file'" meson.build || echo "$file"
done)"
done_tests
