"""How well the made-up charity keeps its givers, to be held against the published rates."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from words import GIFTS

if TYPE_CHECKING:
    from charity import Charity
    from lives import Supporter


class Rates:
    """Counts givers by calendar year as supporters pass by; refunded and void gifts are none."""

    def __init__(self) -> None:
        self.people = self.givers = self.rows = 0
        self.new: Counter[int] = Counter()
        self.repeat: Counter[int] = Counter()
        self.new_kept: Counter[int] = Counter()
        self.repeat_kept: Counter[int] = Counter()

    def see(self, one: Supporter) -> None:
        """Count one supporter."""
        self.people += 1
        self.rows += len(one.rows)
        years = {
            date.fromordinal(row.day).year
            for row in one.rows
            if (row.what in GIFTS or row.what == "Monthly gift") and not row.undone
        }
        if not years:
            return
        self.givers += 1
        first = min(years)
        for year in years:
            new = year == first
            (self.new if new else self.repeat)[year] += 1
            if year + 1 in years:
                (self.new_kept if new else self.repeat_kept)[year] += 1

    def of(self, years: range) -> tuple[float, float, float]:
        """Share kept into the year after: of first-time givers, of repeat givers, of all."""
        new, repeat = (sum(c[y] for y in years) for c in (self.new, self.repeat))
        new_kept, repeat_kept = (
            sum(c[y] for y in years) for c in (self.new_kept, self.repeat_kept)
        )
        return (
            new_kept / max(new, 1),
            repeat_kept / max(repeat, 1),
            (new_kept + repeat_kept) / max(new + repeat, 1),
        )

    def report(self, charity: Charity) -> str:
        """A table: a line for each pair of whole years, and one for all of them."""
        whole = whole_years(charity)
        lines = [
            f"{self.people} supporters, {self.givers} givers, {self.rows} rows",
            "kept from  givers  first-time  repeat  overall",
        ]
        for name, years in [(str(y), range(y, y + 1)) for y in whole] + [("all", whole)]:
            givers = sum(self.new[y] + self.repeat[y] for y in years)
            shares = self.of(years)
            lines.append("{:9}  {:6}  {:10.1%}  {:6.1%}  {:7.1%}".format(name, givers, *shares))
        lines.append("published            19-29 %  60-70 %   41-45 %")
        return "\n".join(lines) + "\n"


def whole_years(charity: Charity) -> range:
    """The years from which a giver could be kept: they and the year after are whole.

    The first whole year is left out, where everybody is new because the list is.
    """
    first = date.fromordinal(charity.start - 1).year + 1
    last = date.fromordinal(charity.end + 1).year - 1
    return range(min(first + 1, last), last)
