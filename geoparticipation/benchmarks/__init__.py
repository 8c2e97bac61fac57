"""What `make bench` measures: ratios between two ways, or two sizes, on one machine in one run."""
