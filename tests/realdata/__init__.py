"""Real histories that nobody here wrote, checked against answers that others published.

None of them is in this repository: `replays.shared` tells where they are looked for, and without
them these tests skip. The mappings and ladders next to the tests are ours; the data are

- LEEDS 2023, volunteers and their statuses: CC BY 4.0, LEEDS 2023, open-innovations/leeds-2023
- NPSP's Trailhead sample: BSD 3-Clause, SalesforceFoundation/NPSP
- CDNOW, customers' purchases: MIT, CamDavidsonPilon/lifetimes
- a Swiss charity's gifts: MIT, remy-marthaler/donor-reactivation-analytics
- gifts to charity marathons: CC0, bkkkk/gdqData
- one donor's gifts in seven currencies: CC0, rufuspollock/jaan-tallinn-donations
- an exercise in importing: MIT, LearnThinkCreate/virtuous_interview
"""
