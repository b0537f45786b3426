"""
A whole installation of its own, thrown away afterwards, and the people who use it all at once: what the
benchmarks of load and of faults stand on.
"""
