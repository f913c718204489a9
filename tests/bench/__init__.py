"""The figures of the README, measured: `python -m tests.bench`, or `make bench`."""
