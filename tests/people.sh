#!/bin/sh
# guiju user, token, tenant and audit from outside: who may use the server, and that its audit log shows
# what was done to it. Run from the project's folder; GJ_BUILD names the build.
set -u
build=${GJ_BUILD:-build/release}
. tests/ok.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export LC_ALL=C
db=$room/x.db

# run STATUS ARGUMENTS...: runs guiju on the database, `input` as its input; keeps out and err.
input=""
run() {
  want=$1
  shift
  printf '%s' "$input" | "$build/guiju" "$@" --db "$db" >"$room/out" 2>"$room/err"
  got=$?
  [ "$got" -eq "$want" ] || { echo "# guiju $*: status $got, not $want"; head -n 5 "$room/err"; false; }
}
out() { grep -q -- "$1" "$room/out" || { echo "# no '$1' in:"; head -n 5 "$room/out"; false; }; }
err() { grep -q -- "$1" "$room/err" || { echo "# no '$1' in:"; head -n 5 "$room/err"; false; }; }
json() { node -e '
  const data = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  process.exit(eval(process.argv[2]) ? 0 : 1)' "$room/out" "$1" || { head -c 300 "$room/out"; false; }; }
nowhere() { ! grep -qF -- "$1" "$room"/x.db.office*; }

ok "list makes no office" run 2 user list
ok "says which file is missing" err 'x.db.office: is not there'
ok "no verb" run 2 user
ok "an unknown verb" run 2 token frobnicate
ok "a name is missing" run 2 user add --role admin

input="correct horse battery
"
ok "user add" run 0 user add 小红 --role supervisor,agent --shop /x/S1,/x/S2 --agent A7
ok "the password is nowhere" nowhere 'correct horse'
ok "a second of that name" run 2 user add 小红 --role agent
ok "which is told" err 'already'
ok "no role" run 2 user add bob
ok "an unknown role" run 2 user add bob --role boss
ok "roles are told" err 'there are admin'
ok "no shop" run 2 user add bob --role agent --shop S1
ok "how shops are written is told" err '/platform/shop'
ok "an unknown tenant" run 2 user add bob --role agent --tenant acme
ok "tenants are told" err 'guiju tenant list'
input="short
"
ok "a short password" run 2 user add bob --role agent
ok "how long is told" err 'at least 10'
input=""
ok "no password" run 2 user add bob --role agent
ok "user list" run 0 user list --format json
ok "shows what was given" json 'data.length === 1 && data[0].name === "小红" &&
  data[0].roles === "supervisor,agent" && data[0].shops.join() === "/x/S1,/x/S2" && !data[0].disabled'
ok "user disable" run 0 user disable 小红
ok "user list as a table" run 0 user list --lang zh
ok "in Chinese" out '停用'
ok "disable nobody" run 2 user disable bob
ok "user enable" run 0 user enable 小红
ok "an option that means nothing there" run 2 user add bob --role agent --expires 1d
ok "it is named" err '--expires is not for add'
ok "a right that nothing would give" run 2 user passwd 小红 --role admin
ok "nor a tenant to a tenant" run 2 tenant add other --tenant acme
input="another horse battery
"
ok "user passwd" run 0 user passwd 小红
input=""

ok "tenant add" run 0 tenant add acme
ok "a name that is a path" run 2 tenant add ../acme
ok "tenant list" run 0 tenant list --format json
ok "has both" json 'data.map(t => t.name).join() === "acme,default"'

ok "token add" run 0 token add 'order bot' --role service --tenant acme --expires 90d
token=$(cat "$room/out") id=$(cut -d _ -f 2 "$room/out")
ok "is shown once" out '^gj_[0-9a-f]*_[0-9a-f]*$'
ok "its secret is nowhere" nowhere "${token##*_}"
ok "bad span" run 2 token add x --role service --expires soon
ok "token list" run 0 token list --format json
ok "tells state and expiry" json 'data.length === 1 && data[0].state === "valid" && data[0].tenant === "acme" &&
  Math.abs(new Date(data[0].expires) - new Date(data[0].created) - 90 * 864e5) < 1000 && data[0].used === null'
ok "of one tenant" run 0 token list --tenant default --format json
ok "has none" json 'data.length === 0'
ok "another tenant cannot revoke it" run 2 token revoke "$id"
ok "token revoke" run 0 token revoke "$id" --tenant acme
ok "token list as a table" run 0 token list
ok "says so" out 'revoked'

ok "the office is its owner's alone" [ "$(stat -c %a "$db.office" "$db.office.head" | sort -u)" = 600 ]
ok "audit verify" run 0 audit verify
ok "is whole" out 'whole, 7 rows'
head=$(tail -n 1 "$room/out")
ok "audit list" run 0 audit list
ok "names who did what" out 'acme  cli:[a-z0-9_-]*  token.add'
ok "never shows a hash of a secret" sh -c "! grep -q argon2 '$room/out'"
ok "audit list of a tenant" run 0 audit list --tenant acme --format json
ok "has three" [ "$(wc -l <"$room/out")" -eq 3 ]
ok "tenant add once more" run 0 tenant add beta
ok "a head noted before is met" run 0 audit verify --head "$head"
ok "a head that is none" run 2 audit verify --head 12

# somebody scribbles on the file
sqlite3 "$db.office" "DROP TRIGGER audit_update; UPDATE audit SET actor = 'cli:nobody' WHERE seq = 3"
ok "scribbling is found" run 1 audit verify
ok "and the row named" err 'row 3 was changed'
done_tests
