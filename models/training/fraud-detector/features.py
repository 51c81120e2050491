"""The 15 features of a transaction, in the order in which the models take them.

Of all transactions at once (`features_of`), for training, and of one API input (`features_of_input`), for golden
examples: the two must agree, and the server's own computation must agree with the second.
"""

from datetime import datetime

import numpy as np

from transactions import FIRST_DAY, SECONDS_PER_DAY, Transactions

WINDOWS_DAYS = (1, 7, 30)
INPUT_WINDOWS = ("last1Day", "last7Days", "last30Days")
# A fraud is known a week late, so a terminal's history ends a week before the transaction.
TERMINAL_DELAY_DAYS = 7
NIGHT_LAST_HOUR = 6
SATURDAY = 5

ORDER = (
    "amount",
    "weekend",
    "night",
    "customerTransactions1Day",
    "customerAverageAmount1Day",
    "customerTransactions7Days",
    "customerAverageAmount7Days",
    "customerTransactions30Days",
    "customerAverageAmount30Days",
    "terminalTransactions1Day",
    "terminalFraudShare1Day",
    "terminalTransactions7Days",
    "terminalFraudShare7Days",
    "terminalTransactions30Days",
    "terminalFraudShare30Days",
)


def features_of(transactions: Transactions) -> np.ndarray:
    """float32 [transactions, 15]. Windows are (t - window, t], so a transaction exactly a window ago is outside."""
    weekday = (FIRST_DAY.weekday() + transactions.day) % 7
    hour = transactions.seconds % SECONDS_PER_DAY // 3600
    amount = transactions.cents / 100
    columns = [amount, weekday >= SATURDAY, hour <= NIGHT_LAST_HOUR]
    columns += _history(transactions.customer, transactions.seconds, transactions.cents, delay_days=0, scale=100)
    columns += _history(
        transactions.terminal, transactions.seconds, transactions.fraud, delay_days=TERMINAL_DELAY_DAYS, scale=1
    )
    return np.stack(columns, axis=1).astype(np.float32)


def features_of_input(given: dict) -> np.ndarray:
    """float32 [15] of a FraudScoreInput, whose customer windows do not count the transaction itself."""
    when = datetime.fromisoformat(given["occurredAt"])
    row = [given["amount"], when.weekday() >= SATURDAY, when.hour <= NIGHT_LAST_HOUR]
    for name in INPUT_WINDOWS:
        window = given["customer"][name]
        transactions = window["transactions"] + 1
        total = window["transactions"] * window["averageAmount"] + given["amount"]
        row += [transactions, total / transactions]
    for name in INPUT_WINDOWS:
        window = given["terminal"][name]
        row += [window["transactions"], window["fraudShare"]]
    return np.array(row, np.float32)


def _history(key: np.ndarray, seconds: np.ndarray, value: np.ndarray, *, delay_days: int, scale: int) -> list:
    """Number of transactions and mean of `value / scale` of the same key, for each window ending `delay_days` ago."""
    order = np.argsort(key, kind="stable")
    # Far enough apart that a window never reaches into the transactions of another key.
    stride = int(seconds.max()) + (max(WINDOWS_DAYS) + delay_days + 1) * SECONDS_PER_DAY
    moment = key[order] * stride + seconds[order]
    sums = np.concatenate([[0], np.cumsum(value[order])])
    # Without a delay the row itself is the last one; a later row of the same second is not earlier history.
    end = (
        np.arange(1, len(order) + 1)
        if delay_days == 0
        else np.searchsorted(moment, moment - delay_days * SECONDS_PER_DAY, side="right")
    )
    columns = []
    for window in WINDOWS_DAYS:
        start = np.searchsorted(moment, moment - (delay_days + window) * SECONDS_PER_DAY, side="right")
        count, mean = np.empty(len(order)), np.empty(len(order))
        count[order] = end - start
        mean[order] = (sums[end] - sums[start]) / np.maximum(end - start, 1) / scale
        columns += [count, mean]
    return columns
