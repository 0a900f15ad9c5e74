# 招商 CRM：四条命令。只需要 Python 3.11 以上（带 venv 和 pip），其余由第一步自己准备。
PYTHON ?= python3
VENV := .venv/bin/python
# 用 make PYTHON=… 指定的 Python 不再另选（config/bootstrap.py 的 quick_python）
export CHOSEN_PYTHON := $(filter-out file,$(origin PYTHON))
ARGS ?=
LEADS ?= 100000
# 终端的编码写不出的字用 ? 代替，不因此中断
export PYTHONIOENCODING := :replace

.PHONY: run test check bench screenshots setup

run: setup
	@exec $(VENV) -m config.serve

test:
	@"$(PYTHON)" config/bootstrap.py --test
	@$(VENV) -m pytest -n 3 --dist worksteal $(ARGS)

check: setup
	@$(VENV) -m config.verify

bench: setup
	@$(VENV) manage.py bench --leads $(LEADS) $(ARGS)

screenshots: setup
	@$(VENV) manage.py screenshots $(ARGS)

setup:
	@"$(PYTHON)" config/bootstrap.py
