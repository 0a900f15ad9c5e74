"""Workbooks in and out: guard, read in a child process, find the header, write without formulas."""
