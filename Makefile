.PHONY: check lint types imports test test-all

check: lint types imports test  ## everything that must hold before a commit

lint:
	uv run ruff format --check .
	uv run ruff check .

types:
	uv run mypy

imports:
	uv run lint-imports

test:  ## the fast tests
	uv run pytest -m "not slow"

test-all:  ## all tests, with whole runs on real weights
	uv run pytest
