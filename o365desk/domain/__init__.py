"""Words and rules of the program: plain values, no I/O, nothing outside the standard library."""
