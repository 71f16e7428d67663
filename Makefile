# Annex. `make run` starts everything; `make help` lists the rest. What the targets do is written in build/*.mjs.
.DEFAULT_GOAL := help
export CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS := fallback
ARGS ?=

.PHONY: help doctor run dev build packages test lint bench fuzz clean-data

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

doctor:
	@sh build/doctor.sh

run: doctor ## set up, build and start the portal with three lab machines (ARGS="--listen 0.0.0.0:8080" adds flags)
	@node build/run.mjs run $(ARGS)

build: doctor ## everything that `make run` builds, without starting it
	@node build/run.mjs build

dev: doctor ## the portal from a debug build, rebuilt and restarted on every change
	@node build/dev.mjs $(ARGS)

packages: doctor ## only the agent and the extension packages, into target/packages
	@node build/run.mjs packages

test: doctor ## all checks and all tests, with what they need installed first
	@node build/test.mjs all

lint: doctor ## formatting, clippy, dependency rules and documentation
	@node build/test.mjs lint

bench: doctor ## measure the figures that the project promises, as a table and as JSON
	@node build/bench.mjs $(ARGS)

fuzz: doctor ## run every fuzz target for SECONDS (60) each
	@node build/fuzz.mjs

clean-data: ## delete the portal's database, machines and keys (data/)
	rm -rf data
