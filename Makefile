# bullflow: see README.md (use) and CONTRIBUTING.md (work on it).

PREFIX ?= /usr/local
SWIFT ?= swift

.PHONY: demo test fuzz build release format lint bench install setup setup-tests

demo: build
	@.build/debug/bullflow demo $(ARGS)

build: setup
	@$(SWIFT) build --product bullflow

release: setup
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-release --product bullflow

test: setup setup-tests lint
	$(SWIFT) build --build-tests
	@SWIFT="$(SWIFT)" Scripts/run-tests.sh

# Programs that nobody has run yet, by ours and by real BullMQ: BULLFLOW_SEED=… runs the same ones again.
fuzz: setup setup-tests
	$(SWIFT) build --build-tests
	BULLFLOW_SEED=$${BULLFLOW_SEED:-$$(date +%s)000} BULLFLOW_PROGRAMS=$${BULLFLOW_PROGRAMS:-10000} \
	  $(SWIFT) test --skip-build --filter SameStateTests
	BULLFLOW_SEED=$${BULLFLOW_SEED:-$$(date +%s)} BULLFLOW_TRUTH_SECONDS=$${BULLFLOW_TRUTH_SECONDS:-30} \
	  $(SWIFT) test --skip-build --no-parallel --filter TruthTests

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Themes

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Themes

bench: setup setup-tests
	$(SWIFT) build -c release --scratch-path .build-release --product bullflow
	$(SWIFT) build -c release --scratch-path .build-release --product bullflow-bench
	.build-release/release/bullflow-bench $(or $(CASE),redis)

install: release
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 .build-release/release/bullflow $(DESTDIR)$(PREFIX)/bin/bullflow

setup:
	@Scripts/install-packages.sh redis-server libhiredis-dev libncurses-dev

setup-tests:
	@Scripts/install-packages.sh tmux openssl python3-venv redis-tools
	@Scripts/install-peer.sh
