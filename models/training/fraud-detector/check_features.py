"""Checks the feature computation that the detectors are trained on.

    python models/training/fraud-detector/check_features.py [--data DIR]

Against inputs as a client would send them, found by plainly looking through a simulation; and with --data, a folder
with transactions_until_2018-07-31.csv.gz and features_2018-06-01_07-31.csv.gz, against the features that the Fraud
Detection Handbook published. Those may differ only where the order of transactions in the same second decides.
"""

import argparse
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from features import INPUT_WINDOWS, ORDER, TERMINAL_DELAY_DAYS, WINDOWS_DAYS, features_of, features_of_input
from simulator import simulate
from transactions import (
    FIRST_DAY,
    SECONDS_PER_DAY,
    TRANSACTIONS_FILE,
    Transactions,
    day_number,
    read_columns,
    read_transactions,
)

FEATURES_FILE = "features_2018-06-01_07-31.csv.gz"
PUBLISHED_COLUMNS = (
    ["TX_AMOUNT", "TX_DURING_WEEKEND", "TX_DURING_NIGHT"]
    + [f"CUSTOMER_ID_{what}_{days}DAY_WINDOW" for days in WINDOWS_DAYS for what in ("NB_TX", "AVG_AMOUNT")]
    + [f"TERMINAL_ID_{what}_{days}DAY_WINDOW" for days in WINDOWS_DAYS for what in ("NB_TX", "RISK")]
)
CHECKED_INPUTS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    data = parser.parse_args().data
    check_against_inputs(simulate(seed=0))
    if data:
        check_against_published(data)


def check_against_inputs(transactions: Transactions) -> None:
    rows = np.random.default_rng(0).choice(len(transactions), CHECKED_INPUTS, replace=False)
    expected = np.stack([features_of_input(_input_of(transactions, row)) for row in rows])
    differs = ~np.isclose(features_of(transactions)[rows], expected, rtol=1e-6)
    print(f"simulated inputs: {CHECKED_INPUTS - differs.any(axis=1).sum():,} of {CHECKED_INPUTS:,} equal")
    if differs.any():
        raise SystemExit(f"features differ from those of inputs: {_count_by_name(differs)}")


def check_against_published(data: Path) -> None:
    transactions = read_transactions(data / TRANSACTIONS_FILE)
    rows = np.flatnonzero(transactions.day >= day_number(date(2018, 6, 1)))
    table = read_columns(data / FEATURES_FILE, PUBLISHED_COLUMNS)
    published = np.stack([table[name] for name in PUBLISHED_COLUMNS], axis=1)
    if len(published) != len(rows):
        raise SystemExit(f"{len(published):,} published rows, {len(rows):,} computed")

    # The published numbers have six significant digits.
    differs = ~np.isclose(features_of(transactions)[rows], published, rtol=1e-5, atol=1e-6)
    wrong = differs.any(axis=1)
    untied = wrong & ~_shares_its_second(transactions)[rows]
    print(f"published rows: {(~wrong).sum():,} of {len(rows):,} equal in all {len(ORDER)} features")
    print(f"  {wrong.sum()} differ by the order of transactions in the same second, {untied.sum()} otherwise")
    if untied.any():
        raise SystemExit(f"features differ from the published ones: {_count_by_name(differs[untied])}")


def _input_of(transactions: Transactions, row: int) -> dict:
    """A FraudScoreInput, as a client computes it who knows all transactions."""
    now = transactions.seconds[row]
    of_customer = np.flatnonzero(transactions.customer[:row] == transactions.customer[row])
    of_terminal = np.flatnonzero(transactions.terminal == transactions.terminal[row])
    customer, terminal = {}, {}
    for name, days in zip(INPUT_WINDOWS, WINDOWS_DAYS, strict=True):
        spent = transactions.cents[of_customer[transactions.seconds[of_customer] > now - days * SECONDS_PER_DAY]]
        customer[name] = {
            "transactions": len(spent),
            "averageAmount": spent.mean() / 100 if len(spent) else 0,
        }
        end = now - TERMINAL_DELAY_DAYS * SECONDS_PER_DAY
        seconds = transactions.seconds[of_terminal]
        frauds = transactions.fraud[of_terminal[(seconds <= end) & (seconds > end - days * SECONDS_PER_DAY)]]
        terminal[name] = {"transactions": len(frauds), "fraudShare": frauds.mean() if len(frauds) else 0}
    occurred_at = datetime.combine(FIRST_DAY, time()) + timedelta(seconds=int(now))
    return {
        "amount": transactions.cents[row] / 100,
        "occurredAt": occurred_at.isoformat(),
        "customer": customer,
        "terminal": terminal,
    }


def _shares_its_second(transactions: Transactions) -> np.ndarray:
    """Whether a transaction has another of the same customer, or of the same terminal, in the same second."""
    shares = np.zeros(len(transactions), bool)
    for key in (transactions.customer, transactions.terminal):
        moment = key * (transactions.seconds.max() + 1) + transactions.seconds
        _, group, sizes = np.unique(moment, return_inverse=True, return_counts=True)
        shares |= sizes[group] > 1
    return shares


def _count_by_name(differs: np.ndarray) -> dict[str, int]:
    return {name: int(count) for name, count in zip(ORDER, differs.sum(axis=0), strict=True) if count}


if __name__ == "__main__":
    main()
