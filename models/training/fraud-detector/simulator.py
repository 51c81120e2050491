"""Simulates card transactions and the fraud among them, after the specification in the Fraud Detection Handbook
(Le Borgne, Siblini, Lebichot, Bontempi: Reproducible Machine Learning for Credit Card Fraud Detection, 2022).

Written from its rules, which are these:

1. 5,000 customers and 10,000 terminals lie uniformly on a square of 100 x 100. A customer uses, with equal chance,
   the terminals nearer than 5.
2. A customer has a mean amount from U(5, 100), a standard deviation of half of it, and a mean number of
   transactions a day from U(0, 4).
3. On each of 183 days from 2018-04-01 a customer makes Poisson many transactions. The second of the day is drawn
   from N(43200, 20000), and a transaction that falls outside the day is dropped. The amount is drawn from
   N(mean, deviation), anew from U(0, 2 x mean) where that is negative, and rounded to cents.
4. Frauds are added in this order:
   a. every transaction over 220;
   b. each day two terminals are compromised: all their transactions of this and the next 27 days;
   c. each day three customers are compromised: a third of their transactions of this and the next 13 days,
      with 5 times the amount.
"""

from dataclasses import replace

import numpy as np

from transactions import SECONDS_PER_DAY, Transactions

CUSTOMERS, TERMINALS, DAYS = 5_000, 10_000, 183
SIDE, RADIUS = 100.0, 5.0
FRAUD_OVER_CENTS = 220_00
TERMINALS_A_DAY, TERMINAL_DAYS = 2, 28
CUSTOMERS_A_DAY, CUSTOMER_DAYS, CUSTOMER_SHARE, CUSTOMER_FACTOR = 3, 14, 3, 5


def simulate(seed: int) -> Transactions:
    random = np.random.default_rng(seed)
    transactions = _genuine_transactions(random)
    large = replace(transactions, fraud=(transactions.cents > FRAUD_OVER_CENTS).astype(np.int64))
    return _compromise_customers(random, _compromise_terminals(random, large))


def _genuine_transactions(random: np.random.Generator) -> Transactions:
    mean_amount = random.uniform(5, 100, CUSTOMERS)
    mean_a_day = random.uniform(0, 4, CUSTOMERS)
    counts = random.poisson(mean_a_day[:, None], (CUSTOMERS, DAYS))

    customer = np.repeat(np.arange(CUSTOMERS), counts.sum(axis=1))
    day = np.repeat(np.tile(np.arange(DAYS), CUSTOMERS), counts.ravel())
    second = random.normal(SECONDS_PER_DAY / 2, 20_000, len(customer)).astype(np.int64)
    mean = mean_amount[customer]
    amount = random.normal(mean, mean / 2)
    amount = np.where(amount < 0, random.uniform(0, 2 * mean), amount)
    terminal = _choose_terminals(random, customer)

    kept = (second > 0) & (second < SECONDS_PER_DAY) & (terminal >= 0)
    transactions = Transactions(
        seconds=day * SECONDS_PER_DAY + second,
        customer=customer,
        terminal=terminal,
        cents=np.rint(amount * 100).astype(np.int64),
        fraud=np.zeros(len(customer), np.int64),
    ).take(np.flatnonzero(kept))
    return transactions.take(np.argsort(transactions.seconds, kind="stable"))


def _choose_terminals(random: np.random.Generator, customer: np.ndarray) -> np.ndarray:
    """A terminal for each transaction; -1 for customers with none in reach, who cannot pay by card."""
    customer_places = random.uniform(0, SIDE, (CUSTOMERS, 2))
    terminal_places = random.uniform(0, SIDE, (TERMINALS, 2))
    chance = random.random(len(customer))
    chosen = np.full(len(customer), -1)
    first_row = np.searchsorted(customer, np.arange(CUSTOMERS + 1))
    for c in range(CUSTOMERS):
        near = np.flatnonzero(((terminal_places - customer_places[c]) ** 2).sum(axis=1) < RADIUS**2)
        rows = slice(first_row[c], first_row[c + 1])
        if len(near):
            chosen[rows] = near[(chance[rows] * len(near)).astype(int)]
    return chosen


def _compromise_terminals(random: np.random.Generator, transactions: Transactions) -> Transactions:
    compromised = np.zeros((DAYS + TERMINAL_DAYS, TERMINALS), bool)
    for day in range(DAYS):
        terminals = random.choice(TERMINALS, TERMINALS_A_DAY, replace=False)
        compromised[day : day + TERMINAL_DAYS, terminals] = True
    hit = compromised[transactions.day, transactions.terminal]
    return replace(transactions, fraud=transactions.fraud | hit)


def _compromise_customers(random: np.random.Generator, transactions: Transactions) -> Transactions:
    fraud, cents, day = transactions.fraud.copy(), transactions.cents.copy(), transactions.day
    by_customer = np.argsort(transactions.customer, kind="stable")
    first_row = np.searchsorted(transactions.customer[by_customer], np.arange(CUSTOMERS + 1))
    for first_day in range(DAYS):
        for customer in random.choice(CUSTOMERS, CUSTOMERS_A_DAY, replace=False):
            rows = by_customer[first_row[customer] : first_row[customer + 1]]
            rows = rows[(day[rows] >= first_day) & (day[rows] < first_day + CUSTOMER_DAYS)]
            stolen = random.choice(rows, len(rows) // CUSTOMER_SHARE, replace=False)
            cents[stolen] *= CUSTOMER_FACTOR
            fraud[stolen] = 1
    return replace(transactions, fraud=fraud, cents=cents)
