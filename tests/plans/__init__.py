"""What calls plan: a row for each input, limit, warning and policy, and one plan of them all."""
