"""Race, measure growth, and print the tables that docs/performance.md holds."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.bench.race import Figures, Race, Rows
from local.demo_account import DemoAccount


def table(rows: Rows) -> Iterator[str]:
    """Yield the race as a Markdown table, ratios first."""
    heads = ["problem", "", "time, of Custodian", "memory, of Custodian", "time, of boto3", "cold, s", "CPU, s", "MB", "calls"]
    heads += ["warm CPU, ms", "of it not in calls, ms", "warm, ms"]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
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
    yield f"{figures.warm_besides * 1000:.1f}"
    yield f"{figures.warm_seconds * 1000:.1f}"


def memory_table(race: Race, runs: int) -> Iterator[str]:
    """Yield what Snapback takes with the processor that Lambda gives to each size of memory, as a Markdown table."""
    yield "| MB | cold, s | warm, ms | GB-seconds of a million cold | of a million warm |"
    yield "|---|---|---|---|---|"
    for memory in (128, 256, 512, 1024, 1769):
        figures = race.alone("open ssh", runs, memory=memory)
        cold, warm = figures.median("seconds"), figures.warm_seconds
        yield f"| {memory} | {cold:.2f} | {warm * 1000:.0f} | {cold * memory / 1024 * 1e6:,.0f} | {warm * memory / 1024 * 1e6:,.0f} |"


def main(what: str = "race", runs: str = "9") -> None:
    """Race in an account of its own."""
    with DemoAccount() as account, tempfile.TemporaryDirectory(prefix="snapback-bench-") as folder:
        account.build(Path(folder))
        account.make_journal_and_topic()
        race = Race(account, Path(folder))
        print("\n".join(memory_table(race, int(runs)) if what == "memory" else table(race.run(int(runs)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
