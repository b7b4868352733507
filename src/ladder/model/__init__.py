"""The values of the domain: touchpoints, kinds, organisations, money, calendars and intervals."""
