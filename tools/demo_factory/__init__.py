"""The demo factory: one set of figures from which its dossier and its documents are made."""
