"""Holds the feature computation against the published features of June and July 2018.

    python check_features.py --data DIR

DIR has transactions_until_2018-07-31.csv.gz and features_2018-06-01_07-31.csv.gz. Rows may differ only where the
order of transactions in the same second decides.
"""

import argparse
from datetime import date
from pathlib import Path

import numpy as np

from features import ORDER, features_of
from transactions import Transactions, day_number, read_columns, read_transactions

TRANSACTIONS_FILE = "transactions_until_2018-07-31.csv.gz"
FEATURES_FILE = "features_2018-06-01_07-31.csv.gz"
PUBLISHED_COLUMNS = (
    ["TX_AMOUNT", "TX_DURING_WEEKEND", "TX_DURING_NIGHT"]
    + [f"CUSTOMER_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30) for what in ("NB_TX", "AVG_AMOUNT")]
    + [f"TERMINAL_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30) for what in ("NB_TX", "RISK")]
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data

    transactions = read_transactions(data / TRANSACTIONS_FILE)
    rows = np.flatnonzero(transactions.day >= day_number(date(2018, 6, 1)))
    ours = features_of(transactions)[rows]
    table = read_columns(data / FEATURES_FILE, PUBLISHED_COLUMNS)
    published = np.stack([table[name] for name in PUBLISHED_COLUMNS], axis=1)
    if published.shape != ours.shape:
        raise SystemExit(f"{published.shape[0]:,} published rows, {ours.shape[0]:,} computed")

    # The published numbers have six significant digits.
    differs = ~np.isclose(ours, published, rtol=1e-5, atol=1e-6)
    wrong = np.flatnonzero(differs.any(axis=1))
    tied = np.isin(rows[wrong], _tied_rows(transactions))
    print(f"{len(rows):,} rows x {len(ORDER)} features: {len(rows) - len(wrong):,} equal, {len(wrong)} differ, ")
    for name, count in zip(ORDER, differs.sum(axis=0)):
        if count:
            print(f"  {name}: {count}")
    print(f"  of those that differ, {tied.sum()} share their second with another transaction of customer or terminal")
    if not tied.all():
        raise SystemExit("features differ from the published ones")


def _tied_rows(transactions: Transactions) -> np.ndarray:
    tied = np.zeros(len(transactions), bool)
    for key in (transactions.customer, transactions.terminal):
        moment = key * 100_000_000 + transactions.seconds
        _, inverse, counts = np.unique(moment, return_inverse=True, return_counts=True)
        tied |= counts[inverse] > 1
    return np.flatnonzero(tied)


if __name__ == "__main__":
    main()
