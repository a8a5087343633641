# Guiju's commands. Each installs what it needs (scripts/setup) and builds with Meson.
#   make run    a bundled shop-day and its report      make test   build and pass all tests
.DEFAULT_GOAL := build
.PHONY: build setup run test eval asan fuzz bench tidy format install clean

B := build/release
FUZZ_SECONDS ?= 30
CORPORA ?= ../shared/corpora

setup:
	@scripts/setup

build: setup
	@[ -f $(B)/build.ninja ] || meson setup $(B) --prefix /usr/local >/dev/null
	@ninja -C $(B) --quiet
	@ln -sf release/guiju build/guiju

# A day of six shops into a fresh database, what a supervisor sees that evening, and what to try next.
run: build
	@rm -f build/demo.db build/demo.db-wal build/demo.db-shm
	@build/guiju replay examples/shop-day.jsonl --db build/demo.db --until 2026-03-10T22:00:00+08:00
	@build/guiju report --db build/demo.db
	@cat examples/next.txt

test: build
	@scripts/run-tests $(B)

eval: build
	@build/guiju eval $(CORPORA)

asan: setup
	@[ -f build/asan/build.ninja ] || CC=clang CXX=clang++ CXXFLAGS="-fno-sanitize=vptr,function" meson setup build/asan --buildtype debug \
	  -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
	@ninja -C build/asan --quiet
	@scripts/run-tests build/asan

fuzz: setup
	@[ -f build/fuzz/build.ninja ] || CC=clang CXX=clang++ meson setup build/fuzz --buildtype debugoptimized \
	  -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
	@ninja -C build/fuzz --quiet
	@scripts/run-fuzz build/fuzz $(FUZZ_SECONDS)

bench: build
	@scripts/run-bench $(B) $(CORPORA)

tidy: build
	@scripts/tidy $(B)

format: setup
	@git ls-files 'src/*.[ch]' 'src/*.cc' 'include/*.h' 'tests/*.c' 'fuzz/*.c' 'bench/*.c*' 'tools/*.[ch]' \
	  'examples/*.c' | xargs clang-format -i

install: build
	@meson install -C $(B) --quiet

clean:
	@rm -rf build
