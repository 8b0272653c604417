"""Race, measure growth, and print the tables that docs/performance.md holds."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.bench.race import Figures, Race, Rows
from local.demo_account import DemoAccount


def table(rows: Rows) -> Iterator[str]:
    """Yield the race as a Markdown table, ratios first."""
    yield "| problem | | time, of Custodian | memory, of Custodian | time, of boto3 | cold, s | CPU, s | MB | calls | warm CPU, ms | warm, ms |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for problem, row in rows.items():
        for who, figures in row.items():
            yield f"| {problem} | {who} | {' | '.join(_ratios(figures, row['custodian'], row['boto3']))} | {' | '.join(_absolute(figures))} |"


def _ratios(figures: Figures, custodian: Figures, boto3: Figures) -> Iterator[str]:
    yield f"{figures.median('seconds') / custodian.median('seconds'):.2f}"
    yield f"{figures.median('megabytes') / custodian.median('megabytes'):.2f}"
    yield f"{figures.median('seconds') / boto3.median('seconds'):.2f}"


def _absolute(figures: Figures) -> Iterator[str]:
    yield f"{figures.median('seconds'):.2f}"
    yield f"{figures.median('cpu'):.2f}"
    yield f"{figures.median('megabytes'):.0f}"
    yield str(figures.calls)
    yield f"{figures.warm_cpu * 1000:.1f}"
    yield f"{figures.warm_seconds * 1000:.1f}"


def main(runs: int) -> None:
    """Race in an account of its own."""
    with DemoAccount() as account, tempfile.TemporaryDirectory(prefix="snapback-bench-") as folder:
        account.build(Path(folder))
        account.client("dynamodb").create_table(
            TableName="Journal",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        account.client("sns").create_topic(Name="Alerts")
        print("\n".join(table(Race(account, Path(folder)).run(runs))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
