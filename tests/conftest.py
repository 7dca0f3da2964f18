"""What every test may use, and the rule that a skip is loud: with TRANSOM_NO_SKIPS=1 it is a failure."""

import os
from pathlib import Path

import pytest

PUBLIC_DATA = Path(os.environ.get("TRANSOM_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public test data; tests that need it are skipped where it is absent."""
    if not PUBLIC_DATA.is_dir():
        pytest.skip(f"public test data is not at {PUBLIC_DATA}; name its folder in TRANSOM_TEST_DATA")
    return PUBLIC_DATA


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Turn a skip into a failure where the machine is meant to have everything (CI)."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("TRANSOM_NO_SKIPS") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, and TRANSOM_NO_SKIPS=1 allows no skip: {report.longrepr}"
