# Hỏi Xã. `make help` lists what can be made.
.DEFAULT_GOAL := help
.PHONY: help demo test setup setup-tests check format bench chaos
PYTHON_OF_VENV := .venv/bin/python

help: ## In danh sách này
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: setup ## Chạy thử trọn bộ với Zalo giả lập và năm xã; in địa chỉ trang chat (không cần tài khoản Zalo)
	@exec .venv/bin/hoixa demo

test: setup-tests check ## Cài mọi thứ cần để kiểm, kiểm mã rồi chạy mọi bài kiểm
	@echo "Chạy các bài kiểm…"
	@sh scripts/run-tests.sh

setup: ## Chỉ cài: .venv với thư viện đã khóa, lệnh .venv/bin/hoixa và mô hình; lần sau gần như tức thì
	@sh scripts/setup.sh runtime

setup-tests: ## Như setup, thêm công cụ kiểm, Chromium và PostgreSQL (gói Debian, khi là root)
	@sh scripts/setup-tests.sh

check: setup-tests ## Kiểm mã: ruff, mypy, các tầng, kho câu trả lời
	@echo "Kiểm cách viết (ruff)…"
	@$(PYTHON_OF_VENV) -m ruff check
	@$(PYTHON_OF_VENV) -m ruff format --check
	@echo "Kiểm kiểu (mypy)…"
	@$(PYTHON_OF_VENV) -m mypy
	@echo "Kiểm các tầng (lint-imports)…"
	@.venv/bin/lint-imports
	@echo "Kiểm kho câu trả lời…"
	@.venv/bin/hoixa knowledge check

format: setup-tests ## Sửa cách viết của mã cho đúng lệ
	@$(PYTHON_OF_VENV) -m ruff check --fix
	@$(PYTHON_OF_VENV) -m ruff format

bench: setup-tests ## Đo tốc độ, so với cách làm quen thuộc trong cùng một lần chạy (vài phút)
	@$(PYTHON_OF_VENV) -m benchmarks

chaos: setup-tests ## Giết tiến trình giữa lúc làm việc rồi đếm tin mất, tin trùng, trên SQLite và PostgreSQL (mươi phút)
	@$(PYTHON_OF_VENV) -m tests.chaos --kills 20
