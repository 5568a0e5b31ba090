# What people type. Each target does its own set-up; `make help` lists them.
# Not /bin/sh, with which the make of macOS (3.81) looks for programs without the PATH below.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# The project's own Node and tools come first.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export TURBO_TELEMETRY_DISABLED := 1

STAMP := node_modules/.rlaas-setup
RLAAS := node packages/cli/src/main.ts
REPEAT ?= 10
# `make down` must work when there is no config/.env (any more): then there is nothing to fill in.
COMPOSE := docker compose $(if $(wildcard config/.env),--env-file config/.env,--env-file config/.env.example)

.PHONY: help setup demo dev thread up down logs seed test check check-long clean

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## install what the project needs, from the lock file

$(STAMP): package-lock.json package.json scripts/setup.mjs
	npm ci --loglevel=error
	node scripts/setup.mjs
	@touch $(STAMP)

demo: setup ## see all of it on real data, on an installation of its own (2 minutes; ARGS=--quick: less)
	@node packages/cli/demo/main.ts $(ARGS)

dev: setup ## start a database and all services here; Ctrl-C stops them
	@$(RLAAS) dev $(ARGS)

thread: setup ## watch the whole loop learn to read digits, on an installation of its own (1 minute)
	@node packages/cli/e2e/thread/main.ts

up: setup ## start everything in containers (Docker) and print where it is
	@node scripts/up.ts

down: ## stop the containers and remove them with their data (KEEP=1 keeps the data)
	@$(COMPOSE) down --remove-orphans $(if $(KEEP),,--volumes)

logs: ## follow the logs of the containers
	@$(COMPOSE) logs --follow --tail=100

seed: setup ## put the example tenant into the database of `make dev` (or DATABASE_OWNER_URL)
	@$(RLAAS) seed

test: setup ## run all tests
	@vitest run

check: setup ## everything CI runs: format, lint, types, boundaries, dead code, generated files, tests
	@node scripts/check.ts

check-long: setup ## what takes too long for CI: all tests REPEAT times (default 10)
	@node scripts/check-long.ts $(REPEAT)

clean: ## remove what was installed and kept (node_modules, .rlaas)
	rm -rf node_modules .rlaas .turbo
