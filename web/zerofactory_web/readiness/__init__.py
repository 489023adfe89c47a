"""The pre-check of a dossier: a self-assessment without an account, of which nothing is kept."""
