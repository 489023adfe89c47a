"""Versions of the tables, oldest first; a published version is never changed."""
