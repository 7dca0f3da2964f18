"""All benchmarks, or the named ones: ``python -m benchmarks [quality|answers|routing|webhooks …] [--quick]``."""

import argparse

from benchmarks import answers, ingest, intents, latency, notifying, quality, routing, steps, webhooks

_ALL = {
    "quality": quality.main,
    "answers": answers.main,
    "latency": latency.main,
    "ingest": ingest.main,
    "routing": routing.main,
    "intents": intents.main,
    "steps": steps.main,
    "webhooks": webhooks.main,
    "notifying": notifying.main,
}


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print the benchmark tables.")
    parser.add_argument("which", nargs="*", metavar="|".join(_ALL), help="which ones; all if none is named")
    parser.add_argument("--quick", action="store_true", help="a part of the data: minutes instead of half an hour")
    given = parser.parse_args()
    if unknown := set(given.which) - _ALL.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(_ALL)}")
    for name in given.which or _ALL:
        _ALL[name](quick=given.quick)


if __name__ == "__main__":
    main()
