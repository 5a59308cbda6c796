"""Extensions that work only where the server has loaded their library when it started."""

from collections.abc import Mapping
from typing import Final

# By name, the library to preload.
PRELOADED: Final[Mapping[str, str]] = {
    "citus": "citus",
    "credcheck": "credcheck",
    "pg_cron": "pg_cron",
    "pg_net": "pg_net",
    "pg_qualstats": "pg_qualstats",
    "pg_show_plans": "pg_show_plans",
    "pg_squeeze": "pg_squeeze",
    "pg_stat_kcache": "pg_stat_kcache",
    "pg_stat_monitor": "pg_stat_monitor",
    "pg_stat_statements": "pg_stat_statements",
    "pg_tle": "pg_tle",
    "pg_wait_sampling": "pg_wait_sampling",
    "pgaudit": "pgaudit",
    "pglogical": "pglogical",
    "set_user": "set_user",
    "timescaledb": "timescaledb",
}
