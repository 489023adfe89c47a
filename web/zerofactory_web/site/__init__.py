"""What all pages of the portal share: language, security, errors, uploads, health, look."""
