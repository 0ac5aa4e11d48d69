"""Applied to emulated AWS: changes of day two, faults in between, drift, two roots of one name."""
