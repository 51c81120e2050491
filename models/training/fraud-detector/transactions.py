"""Card transactions as columns, ordered by time, and their reading from the published files."""

import gzip
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path

import numpy as np

TRANSACTIONS_FILE = "transactions_until_2018-07-31.csv.gz"
FIRST_DAY = date(2018, 4, 1)
SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Transactions:
    seconds: np.ndarray
    """int64, since the start of 2018-04-01; never falling."""
    customer: np.ndarray
    """int64 from 0."""
    terminal: np.ndarray
    """int64 from 0."""
    cents: np.ndarray
    """int64: sums of whole cents are exact, so a feature has one value on every machine."""
    fraud: np.ndarray
    """0 or 1."""

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def day(self) -> np.ndarray:
        """Days since 2018-04-01."""
        return self.seconds // SECONDS_PER_DAY

    def take(self, rows: np.ndarray) -> "Transactions":
        return Transactions(*(getattr(self, field.name)[rows] for field in fields(self)))


def day_number(day: date) -> int:
    return (day - FIRST_DAY).days


def date_of(day: int) -> date:
    return FIRST_DAY + timedelta(days=day)


def read_transactions(path: Path) -> Transactions:
    """The published file, by TRANSACTION_ID: it counts from 0 and never goes back in time."""
    table = read_columns(path, ["TX_TIME_SECONDS", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD"])
    table["TX_AMOUNT"] = np.rint(table["TX_AMOUNT"] * 100)
    return Transactions(*(column.astype(np.int64) for column in table.values()))


def read_columns(path: Path, columns: list[str]) -> dict[str, np.ndarray]:
    """Columns of a gzipped published table as float64, its rows by TRANSACTION_ID.

    The files order transactions of the same second differently, so lines cannot be matched by their number.
    """
    with gzip.open(path, "rt") as file:
        header = file.readline().strip().split(",")
        table = np.loadtxt(file, delimiter=",", usecols=[header.index(n) for n in ["TRANSACTION_ID", *columns]])
    table = table[np.argsort(table[:, 0])]
    return dict(zip(columns, table.T[1:], strict=True))
