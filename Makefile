# Two commands: `make demo` shows the whole job on rendered samples, `make test` checks a change.
# Each does its own set-up; cargo fetches the rest.

CARGO ?= cargo

.PHONY: demo desk deb test test-all test-slow goldens bench setup
.DEFAULT_GOAL := demo

setup:
	@.ci/setup

demo: setup
	$(CARGO) build --release --locked --bins
	samples/demo.sh

# The page, on the demo's vault: prints the address and a token, and a clip to drop.
desk: setup
	$(CARGO) build --release --locked --bins
	samples/desk.sh

# A Debian package of the three programs, with manual pages and completions: target/debian/countermark_*.deb.
deb: setup
	$(CARGO) build --release --locked --bins
	packages/deb.sh

# The gate of every change: format, lints, quick tests of everything. The aim is ten minutes on two cores from a clean clone.
# On 2026-11-30 it took 8 min 32 s from a fresh clone and an empty target, in one go, packages and crates there (14 min 44 s of CPU, nothing else on the
# machine); 11 min 20 s on a machine without FFmpeg or crates before some things were compiled once only. That machine varies by a third.
# What is tested is linted by the compiler that builds it, clippy's, which is what `cargo clippy` calls: `cargo clippy` by itself
# would read every crate, dependencies too, a second time. Examples are linted the same way, and benches in test-slow.
test test-slow: export RUSTC_WORKSPACE_WRAPPER = clippy-driver
test test-slow: export CLIPPY_ARGS = -Dwarnings
# Compiled once and run: what would make a second build faster costs the first one time.
test test-slow: export CARGO_INCREMENTAL = 0
test: setup
	$(CARGO) fmt --all --check
	$(CARGO) test --workspace --locked --lib --tests
	$(CARGO) build --workspace --locked --examples
	$(CARGO) test --workspace --locked --doc

# Everything.
test-all: test test-slow

# One choice of crates, so that they are built once.
SIGNED = -p countermark-credentials -p countermark-report -p countermark-embed --features countermark-embed/c2pa

# What `cargo test` shows as ignored: robustness at length, and real clips; whole suites of the bench last. Built as for `make test`.
# With the browser that the desk's page is tested in.
test-slow: setup
	@COUNTERMARK_BROWSER=1 .ci/setup
	@[ -d "$${COUNTERMARK_FOOTAGE:-../shared/footage}" ] || \
		echo 'test: no footage in COUNTERMARK_FOOTAGE or ../shared/footage: the tests on real clips are skipped' >&2
	$(CARGO) build --workspace --locked --benches
	$(CARGO) test --workspace --exclude countermark-bench --locked --lib --tests -- --ignored
	$(CARGO) test -p countermark-bench --locked --lib --tests -- --ignored
	$(CARGO) test -p countermark-report -p countermark-detect --features countermark-detect/age --locked --lib --test all recipient
	$(CARGO) test $(SIGNED) --locked --lib --test all --test credentials
	$(CARGO) test $(SIGNED) --locked --test command_line credentials
	$(CARGO) test -p countermark-detect --features tls --locked --test all -- --ignored tls_

# Records anew what the detector answers, detect/tests/goldens/*.json: a change needs its reason in the CHANGELOG.
goldens: setup
	COUNTERMARK_GOLDENS=record $(CARGO) test -p countermark-detect --locked --test all -- --include-ignored goldens::

# Speed on every machine; robustness, quality and false accusations on the footage. Where there is none, the suite `smoke`
# on the samples: the floors of the others are those of real clips.
# Hours; a run that was stopped goes on, with the same build, suite and clips: else it begins again. Results go to out/. Rows
# without a floor are measured here, so that what is not checked does not end it.
bench: setup
	$(CARGO) bench --workspace --locked
	$(CARGO) build --release --locked --bins
	@footage="$${COUNTERMARK_FOOTAGE:-../shared/footage}"; \
	suites='main bars standard video-seal dci social camcorder collusion collusion-many collusion-ten null'; \
	suites="$$suites identify identify-many recaps trace trace-many reposts field blind framing hostile frontier"; \
	if [ ! -d "$$footage" ]; then \
		echo 'bench: no footage in COUNTERMARK_FOOTAGE or ../shared/footage: only smoke, on the clips in samples/' >&2; \
		footage=samples; \
		suites=smoke; \
	fi; \
	short=0; \
	for suite in $$suites; do \
		target/release/countermark-bench run --suite $$suite --clips "$$footage" --out out/$$suite --cache out/cache --allow-unchecked || short=$$?; \
		[ $$short -ne 2 ] || exit 2; \
	done; \
	target/release/countermark-bench null --clips "$$footage" --out out/null-experiments || short=$$?; \
	[ $$short -ne 2 ] || exit 2; \
	bench/api/run.sh || short=$$?; \
	exit $$short
