"""What readers of tables of certificates share: rows of a sheet as records, their fate, sums, findings, dossiers."""
