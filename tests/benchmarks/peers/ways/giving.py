"""The ladder that all of them express, in this library's own words."""

from ladder import Organisation, read

LADDER = read("""
[ladder]
key = "giving"

[let]
helped = 'petition_signed or event_attended or volunteer_shift'

[[rung]]
key = "aware"
enter = 'count(email_opened or email_clicked or helped or donation, ever) >= 1'

[[rung]]
key = "engaged"
enter = 'count(helped, months(12)) >= 2'

[[rung]]
key = "donor"
enter = 'count(donation, months(12)) >= 1'

[[rung]]
key = "major"
enter = 'total(donation, months(12)) >= "500 EUR"'
""").ladder
ORGANISATION = Organisation(zone="Europe/Berlin", currency="EUR")
