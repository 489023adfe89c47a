"""Speed figures: medians of repeated runs, rivals in the same process. `make bench` prints, nothing asserts."""
