"""What people, data and reviews are read with."""

import csv
from collections.abc import Iterator

import pytest

from bots.windows.csv_file import BadCsv, records


@pytest.fixture
def another_reader_takes_more() -> Iterator[None]:
    """The limit of ``csv`` is the process' own: the reader of documents raises it."""
    before = csv.field_size_limit(10_000_000)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("another_reader_takes_more")
def test_a_huge_cell_is_a_fault_whatever_else_the_process_reads():
    """An open quote would swallow the rest of the file."""
    with pytest.raises(BadCsv, match="is not CSV from here on") as raised:
        list(records(b"a,b\n1,2\n" + b"x" * 131_073 + b",3\n"))
    assert raised.value.line == 3
    assert len(list(records(b"a\n" + b"x" * 131_072 + b"\n"))) == 2
