"""Where each supporter of a nonprofit stands on the ladder of engagement, since when, and why."""
