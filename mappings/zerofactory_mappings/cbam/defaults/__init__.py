"""Default values of embedded emissions: sets that ship and that users load, look-up by the rules of 2025/2621."""
