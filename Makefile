# `make demo` shows gobo, `make test` proves it; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CARGO_TERM_COLOR ?= auto
# Without ALSA's headers gobo builds all the same, with the null device only.
FEATURES = $(shell pkg-config --exists alsa 2>/dev/null || echo --no-default-features)
# What `make sync` runs is checked where JACK's headers are.
CHECKED = $(FEATURES) $(shell pkg-config --exists alsa jack 2>/dev/null && \
  echo --features gobo-bench/sync)
# Laws are drawn from one seed, so that a red run tells of what a change broke; `make laws` draws
# them anew.
export PROPTEST_RNG_SEED ?= 20261127
GOBO := $${CARGO_TARGET_DIR:-target}/release/gobo

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: setup-build
setup-build:
	@.ci/need cargo
	@.ci/need apt gcc libc6-dev pkg-config
	@.ci/need apt --optional "the show plays without a sound device" libasound2-dev

.PHONY: setup-test
setup-test: setup-build
	@.ci/need apt --optional "the tests that need it say so and are skipped" tshark ffmpeg zstd \
	  tmux valgrind faketime jackd2 libjack-jackd2-dev libasound2-plugins ola vim nano \
	  mosquitto mosquitto-clients openssl
	@.ci/need nextest
	@command -v npm >/dev/null || .ci/need apt --optional "the page is not tested in a browser" nodejs npm
	@.ci/need apt --optional "the page is not tested in a browser" chromium
	@.ci/page ready

.PHONY: build
build: setup-build ## Build the gobo command: target/release/gobo
	cargo build --release --locked -p gobo-cli $(FEATURES)

.PHONY: install
install: setup-build ## Install the gobo command where cargo puts commands
	cargo install --locked --path crates/gobo-cli $(FEATURES)

.PHONY: demo
demo: build ## Compile the demo show and play it to a monitor in this terminal
	@.ci/demo "$(GOBO)"

.PHONY: test
test: setup-test ## Check formatting, lints and docs, and run every test
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked $(CHECKED) -- -D warnings
	@.ci/page check
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked $(FEATURES) --quiet
	@if cargo nextest --version >/dev/null 2>&1; \
	then cargo nextest run --workspace --locked $(FEATURES); \
	else cargo test --workspace --locked $(FEATURES) --lib --bins --tests; fi
	cargo test --workspace --locked $(FEATURES) --doc --quiet
	@if cargo deny --version >/dev/null 2>&1; then $(MAKE) deny; \
	else echo "cargo-deny is not installed: licences were not checked (cargo install cargo-deny)"; fi
	@$(MAKE) loops

.PHONY: deny
deny: ## Check licences, sources and duplicates of dependencies (advisories when online)
	cargo deny --offline check --hide-inclusion-graph licenses bans sources

.PHONY: bench
bench: setup-build ## Print the figures of crates/PERFORMANCE.md, as ratios to this machine's limits
	cargo build --release --locked -p gobo-cli -p gobo-bench --bin gobo --bin gobo-bench \
	  $(FEATURES)
	"$${CARGO_TARGET_DIR:-target}/release/gobo-bench" $(if $(QUICK),--quick)

.PHONY: soak
soak: setup-build ## Play for SOAK (5m) beside a bare loop: jitter, loss, memory, idle and busy
	@.ci/need apt stress-ng
	cargo build --release --locked -p gobo-cli -p gobo-bench --bin gobo --bin gobo-bench \
	  --bin allocations $(FEATURES)
	@.ci/soak "$${CARGO_TARGET_DIR:-target}/release" "$${SOAK:-5m}"

.PHONY: edits
edits: setup-build ## Measure from a save to the wire, EDITS (500) edits of a show that plays
	cargo build --release --locked -p gobo-cli -p gobo-bench --bin gobo --bin gobo-bench $(FEATURES)
	"$${CARGO_TARGET_DIR:-target}/release/gobo-bench" --edits "$${EDITS:-500}"

.PHONY: remote
remote: setup-build ## Load `gobo serve` with 200 and 1,000 clients, REMOTE seconds (20) each case
	cargo build --release --locked -p gobo-cli -p gobo-bench --bin gobo --bin gobo-bench $(FEATURES)
	"$${CARGO_TARGET_DIR:-target}/release/gobo-bench" --remote $(if $(QUICK),5,"$${REMOTE:-20}")

.PHONY: storm
storm: setup-test ## Edit a show that plays at random for STORM (600) seconds
	STORM=$${STORM:-600} cargo test --release --locked -p gobo-cli $(FEATURES) --test storm -- \
	  --nocapture

.PHONY: sync
sync: setup-build ## Measure light against sound, SYNC seconds (600) for each of five sample rates
	@.ci/need apt jackd2 libjack-jackd2-dev libasound2-plugins
	cargo build --release --locked -p gobo-cli -p gobo-bench --bin gobo --bin gobo-bench \
	  --features gobo-bench/sync
	"$${CARGO_TARGET_DIR:-target}/release/gobo-bench" --sync "$${SYNC:-600}"

.PHONY: loops
loops: setup-test ## Hold the instructions of inner loops to crates/gobo-bench/loops.toml
	@if [ "$$(uname -sm)" = "Linux x86_64" ] && command -v valgrind >/dev/null; then \
	  cargo build --profile loops --locked -p gobo-bench --bin loops && \
	  "$${CARGO_TARGET_DIR:-target}/loops/loops" $(if $(WRITE),--write); \
	else echo "inner loops were not counted: that needs valgrind, on Linux and x86-64"; fi

.PHONY: fuzz
fuzz: ## Run each fuzz target for SECONDS (60); needs cargo-fuzz
	@.ci/fuzz "$${SECONDS_EACH:-60}"

.PHONY: laws
laws: setup-test ## Run the tests of laws ROUNDS times (10), each time from new seeds
	for round in $$(seq $${ROUNDS:-10}); do \
	  env -u PROPTEST_RNG_SEED cargo nextest run --workspace --locked $(FEATURES) \
	    -E 'not package(gobo-cli)' --no-fail-fast || exit 1; \
	done

.PHONY: picture
picture: build ## Draw the README's picture from the demo show
	$(GOBO) compile demo
	$(GOBO) canvas png build/demo.canvas -o crates/demo.png

.PHONY: page
page: setup-test ## Build the page of gobo serve into crates/gobo-serve/page/dist
	@.ci/page build

.PHONY: schemas
schemas: build ## Write the JSON Schemas from the types
	$(GOBO) schema crates/gobo-show/schemas

.PHONY: reference
reference: build ## Write the reference page and its pictures from the table of effects
	rm -rf crates/reference
	$(GOBO) effects --reference crates/REFERENCE.md

.PHONY: clean
clean: ## Remove what was built
	cargo clean
	rm -rf build
