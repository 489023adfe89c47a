"""The portal: storage, accounts, cases, register, API, signing."""
