# Two commands: `make demo` shows the whole job on rendered samples, `make test` checks everything.
# Each does its own set-up; cargo fetches the rest.

CARGO ?= cargo

.PHONY: demo test bench setup
.DEFAULT_GOAL := demo

setup:
	@.ci/setup

demo: setup
	$(CARGO) build --release --locked --bins
	samples/demo.sh

test: setup
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	@[ -d "$${COUNTERMARK_FOOTAGE:-../shared/footage}" ] || \
		echo 'test: no footage in COUNTERMARK_FOOTAGE or ../shared/footage: the tests on real clips are skipped' >&2
	$(CARGO) test --workspace --locked

# Speed on every machine; robustness, quality and false accusations where there is footage. Results go to out/.
bench: setup
	$(CARGO) bench --workspace --locked
	$(CARGO) build --release --locked --bins
	@footage="$${COUNTERMARK_FOOTAGE:-../shared/footage}"; \
	if [ -d "$$footage" ]; then \
		target/release/countermark-bench run --suite main --clips "$$footage" --out out/main && \
		target/release/countermark-bench run --suite bars --clips "$$footage" --out out/bars && \
		target/release/countermark-bench null --clips "$$footage" --out out/null; \
	else \
		echo 'bench: no footage in COUNTERMARK_FOOTAGE or ../shared/footage: robustness is not measured' >&2; \
	fi
