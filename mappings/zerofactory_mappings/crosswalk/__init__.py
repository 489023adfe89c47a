"""One line of an inventory in ISO 14064-1, GHG Protocol, GB/T 32150 and EU CBAM: a class, or why it is left out."""
