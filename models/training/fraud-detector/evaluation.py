"""How a detector is judged: trained until 31 July 2018, tested on 8 to 14 August."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from transactions import Transactions, day_number

TRAIN_FIRST_DAY = day_number(date(2018, 5, 8))
"""The first day on which every window, 30 days ending 7 days before, lies within the data."""
TRAIN_LAST_DAY = day_number(date(2018, 7, 31))
TEST_FIRST_DAY = day_number(date(2018, 8, 8))
TEST_DAYS = 7
FRAUD_KNOWN_AFTER_DAYS = 7
ALERTS_A_DAY = 100


@dataclass(frozen=True)
class Figures:
    average_precision: float
    auc: float
    card_precision: float
    """Card precision at 100: of the 100 cards with the highest score of a day, the share truly defrauded that day."""


def train_rows(transactions: Transactions) -> np.ndarray:
    return np.flatnonzero((transactions.day >= TRAIN_FIRST_DAY) & (transactions.day <= TRAIN_LAST_DAY))


def test_rows(transactions: Transactions, first_day: int = TEST_FIRST_DAY) -> np.ndarray:
    """Rows of the test week without the cards that are known to be defrauded, and so blocked already.

    Known on a day are the cards with a fraud from two weeks before the test week until a week before that day.
    """
    rows = []
    for day in range(first_day, first_day + TEST_DAYS):
        known_from, known_until = first_day - 2 * 7, day - FRAUD_KNOWN_AFTER_DAYS - 1
        known = (transactions.fraud == 1) & (transactions.day >= known_from) & (transactions.day <= known_until)
        blocked = np.isin(transactions.customer, transactions.customer[known])
        rows.append(np.flatnonzero((transactions.day == day) & ~blocked))
    return np.concatenate(rows)


def figures_of(transactions: Transactions, rows: np.ndarray, probability: np.ndarray) -> Figures:
    """`probability` is the detector's answer to each of `rows`."""
    fraud = transactions.fraud[rows]
    return Figures(
        float(average_precision_score(fraud, probability)),
        float(roc_auc_score(fraud, probability)),
        card_precision(transactions.take(rows), probability),
    )


def card_precision(transactions: Transactions, probability: np.ndarray, alerts: int = ALERTS_A_DAY) -> float:
    """Mean over days. A card found to be defrauded is blocked, so it does not count again on later days."""
    found: np.ndarray = np.array([], np.int64)
    precisions = []
    for day in np.unique(transactions.day):
        rows = np.flatnonzero((transactions.day == day) & ~np.isin(transactions.customer, found))
        cards, card_of_row = np.unique(transactions.customer[rows], return_inverse=True)
        score, defrauded = np.zeros(len(cards)), np.zeros(len(cards), np.int64)
        np.maximum.at(score, card_of_row, probability[rows])
        np.maximum.at(defrauded, card_of_row, transactions.fraud[rows])
        alerted = np.argsort(-score, kind="stable")[:alerts]
        precisions.append(defrauded[alerted].sum() / alerts)
        found = np.concatenate([found, cards[alerted][defrauded[alerted] == 1]])
    return float(np.mean(precisions))
