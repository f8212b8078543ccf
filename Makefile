# The single door for people and for CI. `make help` lists what there is; the work is in scripts/.

# One target folder for all clones on a machine, outside of them: a fresh clone builds warm.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/baokao-target

.DEFAULT_GOAL := help
.PHONY: help run test check unit journey staff-manual crash money soak-payments fuzz bench bench-reconcile scale assets

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, load the demonstration data, serve on http://127.0.0.1:8080
	@scripts/run.sh

test: ## Everything that CI runs
	@scripts/test.sh all

check: ## Formatting, lints, architecture
	@scripts/test.sh check

unit: ## Unit, store and HTTP tests on both databases, doc tests, SQL coverage
	@scripts/test.sh unit

journey: ## The browser journey
	@scripts/test.sh journey

staff-manual: ## The pictures of docs/staff, by the walk through a whole recruitment
	@scripts/test.sh staff-manual

crash: ## The power-cut harness
	@scripts/test.sh crash

money: ## Payments under every fault: 1,000 schedules, the controls, kill -9 at every step
	@scripts/test.sh money

N ?= 10000
FIRST ?= 0
soak-payments: ## The same with N schedules from number FIRST: make soak-payments N=10000
	@scripts/money.sh $(N) $(FIRST)

RUNS ?= 1000000
fuzz: ## Notices, bills and answers of the channels under a fuzzer: make fuzz RUNS=1000000
	@scripts/fuzz.sh $(RUNS)

bench: ## Figures beside the cost to beat
	@scripts/bench.sh

bench-reconcile: ## How fast a bill of a million lines is reconciled, on both databases
	@scripts/reconcile.sh

scale: ## What the office's lists cost with 5 million candidates beside 50 thousand (12 GB of disk)
	@scripts/scale.sh

assets: ## Third-party files for the browser, from npm
	@scripts/assets.sh
