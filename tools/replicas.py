"""Several Open WebUI processes as one installation: one PostgreSQL, one Redis, one data folder, one sandbox behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools import postgres, redis
from tools.host import Account, Host
from tools.stage import PASSWORD, Studio, sandbox_process

SCHEMA = "chat"
"""Not the default one, so that everything is proven to honour the host's DATABASE_SCHEMA."""
POOL = {"DATABASE_POOL_SIZE": "20", "DATABASE_POOL_MAX_OVERFLOW": "10"}
"""Connections of one replica: more than SQLAlchemy's 15, as its users are many, and far below PostgreSQL's 100."""


@contextlib.contextmanager
def replicated(
    folder: Path, *, duration: float, count: int = 2, with_redis: bool = True, statistics: bool = False
) -> Iterator[list[Studio]]:
    """Start `count` replicas with the bundle installed for everyone; each is a Studio, all share people and sandbox.

    `duration` is how many seconds a picture takes in the sandbox; `statistics` makes PostgreSQL count its
    statements (tools/bench/statements.py). Raises NoPostgres and NoRedis.
    """
    preload = "pg_stat_statements" if statistics else ""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postgres.cluster(preload=preload))
        prepare_database(database, statistics=statistics)
        socket = redis_environ(stack.enter_context(redis.server())) if with_redis else {}
        sandbox = stack.enter_context(sandbox_process(duration))
        hosts = [replica(folder, database, socket, number) for number in range(1, count + 1)]
        admin = start(hosts, stack)
        people: dict[str, Account] = {}
        studios = [Studio(host=host, sandbox=sandbox, admin=admin, people=people) for host in hosts]
        studios[0].install(
            "public",
            FLUX_API_KEY=sandbox.key,
            FLUX_API_ENDPOINT=sandbox.endpoint,
            FLUX_TRUSTED_HOSTS=sandbox.trusted_hosts,
        )
        for studio in studios:  # without Redis each replica keeps its own list of models
            studio.host.session(admin).get("/api/models?refresh=true").raise_for_status()
        yield studios


def prepare_database(url: str, *, statistics: bool) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as database:
        database.execute(f"CREATE SCHEMA {SCHEMA}")
        if statistics:
            database.execute("CREATE EXTENSION pg_stat_statements SCHEMA public")


def redis_environ(url: str) -> dict[str, str]:
    """What Open WebUI needs so that its sockets and tasks reach across replicas."""
    return {"REDIS_URL": url, "WEBSOCKET_MANAGER": "redis", "WEBSOCKET_REDIS_URL": url}


def replica(folder: Path, database: str, socket: dict[str, str], number: int) -> Host:
    """One process; it shares everything but its port, its log and the folder it empties at each start."""
    return Host(
        folder,
        log=folder / f"replica-{number}.log",
        # psycopg 3 speaks both of the host's dialects, so psycopg2 need not be there
        database_url=database.replace("postgresql://", "postgresql+psycopg://"),
        environ={"DATABASE_SCHEMA": SCHEMA, "STATIC_DIR": str(folder / f"static-{number}"), **POOL, **socket},
    )


def start(hosts: Sequence[Host], stack: contextlib.ExitStack) -> Account:
    """Let the first make the tables of the host, then the others at once; answer the admin."""
    for host in hosts:
        stack.callback(host.stop)
    hosts[0].start()
    admin = hosts[0].sign_up("Admin", "admin@example.com", PASSWORD)
    for host in hosts[1:]:
        host.launch()
    for host in hosts[1:]:
        host.wait()
    return admin
