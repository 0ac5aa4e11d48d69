"""Bad values: each gets a sentence at plan."""
