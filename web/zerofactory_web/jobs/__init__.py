"""Long work in a table of its own: leased, retried, never lost."""
