"""Sources in, disclosures out, publishing."""
