"""Telling people outside of the site: what is written, by mail and by the robots of their chat groups."""
