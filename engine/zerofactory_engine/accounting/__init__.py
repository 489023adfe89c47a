"""From a dossier to an inventory: dated factors, line items gas by gas, both scope 2 figures, uncertainty."""
