"""The exporter's desk: emissions embedded in goods for customers in the EU."""
