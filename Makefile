# Guiju's commands. Each installs what it needs (scripts/setup) and builds with Meson.
#   make run    a bundled shop-day and its report      make test   build and pass all tests
.DEFAULT_GOAL := build
.PHONY: build setup run stop test eval asan tsan fuzz bench tidy format install uninstall deb clean

B := build/release
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
CORPORA ?= ../shared/corpora

setup:
	@scripts/setup

build: setup
	@scripts/configure $(B) --prefix "$(PREFIX)"
	@ninja -C $(B) --quiet
	@ln -sf release/guiju build/guiju
	@ln -sf release/guiju-serve build/guiju-serve

# A day of six shops and its report, then the server on shops of today, and what to try next.
run: build
	@scripts/demo

stop:
	@scripts/stop

test: build
	@scripts/run-tests $(B)

eval: build
	@build/guiju eval $(CORPORA)

asan: setup
	@CC=clang CXX=clang++ CXXFLAGS="-fno-sanitize=vptr,function" scripts/configure build/asan --buildtype debug \
	  -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C build/asan --quiet
	@scripts/run-tests build/asan

# The server under load, watched for races between its threads.
tsan: setup
	@CC=clang CXX=clang++ scripts/configure build/tsan --buildtype debugoptimized \
	  -Dtests=false -Db_sanitize=thread -Db_lundef=false
	@ninja -C build/tsan --quiet guiju guiju-serve
	@scripts/run-tsan build/tsan

fuzz: setup
	@CC=clang CXX=clang++ scripts/configure build/fuzz --buildtype debugoptimized \
	  -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
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
	@DESTDIR="$(DESTDIR)" scripts/install $(B)

uninstall: build
	@DESTDIR="$(DESTDIR)" scripts/uninstall $(B)

deb: setup
	@scripts/deb

clean: stop
	@rm -rf build
