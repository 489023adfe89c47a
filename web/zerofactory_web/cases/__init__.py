"""From application to decision: states, duties, evidence, findings, reviews."""
