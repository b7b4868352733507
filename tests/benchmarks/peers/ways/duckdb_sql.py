"""With DuckDB: the same edges, in one statement."""

from pathlib import Path

import duckdb
import pyarrow as pa

QUERY = """
WITH acts AS (
    SELECT supporter, "at", kind = 'donation' AS gift, coalesce(amount, 0) AS cents,
           kind IN ('petition_signed', 'event_attended', 'volunteer_shift') AS helped,
           timezone('Europe/Berlin', make_timestamptz("at"))::DATE AS day
      FROM read_parquet(?)
     WHERE kind IN ('petition_signed', 'event_attended', 'volunteer_shift',
                    'email_opened', 'email_clicked', 'donation')
), days AS (
    SELECT day, epoch_us(timezone('Europe/Berlin',
                (day + INTERVAL 12 MONTH)::DATE + INTERVAL 1 DAY)) AS ends
      FROM (SELECT DISTINCT day FROM acts)
), edges AS (
    SELECT supporter, min("at") AS "at", 1 AS acts, 0 AS helped, 0 AS gifts, 0 AS cents
      FROM acts GROUP BY supporter
    UNION ALL
    SELECT supporter, "at", 0, helped::INT, gift::INT, if(gift, cents, 0)
      FROM acts WHERE helped OR gift
    UNION ALL
    SELECT supporter, ends, 0, -helped::INT, -gift::INT, if(gift, -cents, 0)
      FROM acts JOIN days USING (day) WHERE helped OR gift
), steps AS (
    SELECT supporter, "at", sum(acts) AS acts, sum(helped) AS helped, sum(gifts) AS gifts,
           sum(cents) AS cents
      FROM edges GROUP BY supporter, "at"
), standings AS (
    SELECT supporter, "at",
           CASE WHEN sum(cents) OVER line >= 50000 THEN 'major'
                WHEN sum(gifts) OVER line >= 1 THEN 'donor'
                WHEN sum(helped) OVER line >= 2 THEN 'engaged'
                WHEN sum(acts) OVER line >= 1 THEN 'aware'
                ELSE 'ground' END AS after
      FROM steps WINDOW line AS (PARTITION BY supporter ORDER BY "at")
)
SELECT * FROM (
    SELECT supporter, "at",
           lag(after, 1, 'ground') OVER (PARTITION BY supporter ORDER BY "at") AS before, after
      FROM standings
) WHERE before <> after
"""


def movements(path: Path) -> pa.Table:
    """Supporter, instant, rung before and after."""
    return duckdb.sql(QUERY, params=[str(path)]).to_arrow_table()
