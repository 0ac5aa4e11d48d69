"""The live lane: the examples on a real account, and whatever a night left there."""
