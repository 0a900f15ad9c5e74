"""How fast, against a floor timed in the same run: `manage.py bench --leads N` on a database of its own.

A figure of its own says little, machines differ and wander; its ratio to the floor stays. One module per
subject; `__main__` puts them in order, `databases` makes the database, `site` serves it.
"""
