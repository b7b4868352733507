"""With pandas: where each act begins and ends to count, added up by supporter and instant."""

from pathlib import Path

import numpy as np
import pandas as pd

HELPED = ["petition_signed", "event_attended", "volunteer_shift"]
ACTS = [*HELPED, "email_opened", "email_clicked", "donation"]
RUNGS = np.array(["ground", "aware", "engaged", "donor", "major"])


def in_twelve_months(at: pd.Series) -> pd.Series:
    """The end of the day that is twelve months later in Berlin; month ends saturate."""
    stamps = pd.to_datetime(at, unit="us", utc=True).dt.tz_convert("Europe/Berlin")
    days = stamps.dt.normalize().dt.tz_localize(None)
    unique = pd.Series(days.unique())
    later = unique + pd.DateOffset(months=12) + pd.Timedelta(days=1)
    ends = later.dt.tz_localize("Europe/Berlin").astype("datetime64[us, UTC]").astype("int64")
    return days.map(pd.Series(ends.to_numpy(), index=unique))


def movements(path: Path) -> pd.DataFrame:
    """Supporter, instant, rung before and after."""
    rows = pd.read_parquet(
        path,
        columns=["supporter", "kind", "at", "amount"],
        filters=[("kind", "in", ACTS)],
    )
    rows["helped"] = rows["kind"].isin(HELPED).astype("int64")
    rows["gifts"] = (rows["kind"] == "donation").astype("int64")
    rows["cents"] = rows["amount"].where(rows["gifts"] == 1, 0).fillna(0).astype("int64")
    first = rows.groupby("supporter", as_index=False)["at"].min().assign(acts=1)
    starts = rows.loc[(rows["helped"] == 1) | (rows["gifts"] == 1)]
    sums = ["helped", "gifts", "cents"]
    less = {name: -starts[name] for name in sums}
    ends = starts.assign(at=in_twelve_months(starts["at"]), **less)
    edges = pd.concat([first, starts, ends])[["supporter", "at", "acts", *sums]].fillna(0)
    steps = edges.groupby(["supporter", "at"])[["acts", *sums]].sum()
    now = steps.groupby(level="supporter").cumsum().reset_index()
    now["standing"] = np.select(
        [now["cents"] >= 500_00, now["gifts"] >= 1, now["helped"] >= 2, now["acts"] >= 1],
        [4, 3, 2, 1],
    )
    now["earlier"] = now.groupby("supporter")["standing"].shift(fill_value=0)
    moved = now[now["standing"] != now["earlier"]]
    return pd.DataFrame(
        {
            "supporter": moved["supporter"],
            "at": moved["at"],
            "before": RUNGS[moved["earlier"]],
            "after": RUNGS[moved["standing"]],
        }
    )
