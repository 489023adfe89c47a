"""What the portal keeps: tables, documents, the audit log, backups. One transaction per change, nothing half-done."""
