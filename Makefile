# Guiju's commands. Each installs what it needs (scripts/setup) and builds with Meson.
#   make run    judge the bundled messages      make test   build and pass all tests
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

run: build
	@build/guiju check --report -f examples/messages.jsonl || [ $$? -eq 1 ]

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
