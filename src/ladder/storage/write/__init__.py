"""Write touchpoints and what is concluded from them: one row at a time or in bulk."""
