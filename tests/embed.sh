#!/bin/sh
# The public header and library as a stranger uses them: installed into a folder of their own, found by
# pkg-config, compiled as C11 and as C++17, and run. Run from the project's folder; GJ_BUILD names the build.
set -u
build=${GJ_BUILD:-build/release}
. tests/ok.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export XDG_CACHE_HOME="$room/cache"

DESTDIR="$room/root" scripts/install "$build" >"$room/install.log" 2>&1 ||
  { cat "$room/install.log"; echo "0 passed, 1 failed"; exit 1; }
pc=$(find "$room/root" -name guiju.pc | head -n 1)
prefix="$room/root$(sed -n 's/^prefix=//p' "$pc")"
export PKG_CONFIG_PATH="${pc%/*}"
flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs guiju)
libdir=$(dirname "$(find "$room/root" -name 'libguiju.so*' | head -n 1)")
strict="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
cc=${CC:-cc} cxx=${CXX:-c++} sanitize=
if grep -q -- -fsanitize= "$build/compile_commands.json"; then # the C++ room wants the C++ runtime
  cc=clang cxx=clang++ sanitize="-fsanitize=address,undefined -fsanitize-link-c++-runtime -lstdc++"
fi

judges() { # judges PROGRAM STATUS PLATFORM TEXT WORD: the status, and the word in the output
  LD_LIBRARY_PATH="$libdir" GUIJU_RULEBOOK="$prefix/share/guiju/rulebook" "$1" "$3" "$4" >"$room/out" 2>&1
  got=$?
  { [ "$got" -eq "$2" ] && grep -q -- "$5" "$room/out"; } || { cat "$room/out"; false; }
}

printf '#include <guiju/guiju.h>\n' >"$room/alone.c"
cp "$room/alone.c" "$room/alone.cc"
# shellcheck disable=SC2086 # flags are lists
{
  ok "header alone, C11" $cc -std=c11 $strict -fsyntax-only -I include "$room/alone.c"
  ok "header alone, C++17" $cxx -std=c++17 $strict -fsyntax-only -I include "$room/alone.cc"
  ok "embed.c compiles as C11" $cc -std=c11 $strict $sanitize examples/embed.c $flags -o "$room/embed"
  ok "the header serves C++17" $cxx -std=c++17 $strict $sanitize -x c++ - -x none $flags \
    -o "$room/embed++" <<'END'
#include <guiju/guiju.h>
#include <string>
int main()
{
    gj_errors *errors = gj_errors_new();
    gj_rulebook *book = gj_rulebook_open(gj_rulebook_default_dir(), nullptr, errors);
    std::string hash = book == nullptr ? "" : gj_rulebook_hash(book);
    gj_rulebook_free(book);
    std::printf("%s %s", hash.c_str(), gj_errors_text(errors));
    gj_errors_free(errors);
    return hash.size() == 32 ? 0 : 1;
}
END
}
ok "embed blocks" judges "$room/embed" 1 pdd "加我微信 abc12345" "^block"
ok "embed passes" judges "$room/embed" 0 tmall "您好，请问有什么可以帮您的吗，我们随时都在这里为您服务" "^pass"
ok "embed names the platforms" judges "$room/embed" 2 ebay "x" "use one of"
ok "C++ runs" judges "$room/embed++" 0 x x "^[0-9a-f]"
ok "the rulebook is installed" test -f "$prefix/share/guiju/rulebook/schema.yaml"
ok "the man page is installed" test -f "$prefix/share/man/man1/guiju.1"
ok "the installed program runs" judges "$prefix/bin/guiju" 2 nonsense x "nonsense"
mkdir -p "$prefix/share/guiju/mine"
ok "uninstall: all that is ours goes" env DESTDIR="$room/root" scripts/uninstall "$build"
ok "uninstall: nothing else goes" test "$(cd "$prefix" && find . ! -type d -o -name guiju -o -name mine)" = \
  "$(printf './share/guiju\n./share/guiju/mine')"
done_tests
