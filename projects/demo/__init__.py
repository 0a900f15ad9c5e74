"""Invented people, firms and histories that look like 拱墅: for a first look, never for production."""
