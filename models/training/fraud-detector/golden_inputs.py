"""Inputs of the golden examples: FraudScoreInputs as a client sends them, usual ones and the edges of the features."""

from features import INPUT_WINDOWS


def given(amount: float, occurred_at: str, customer: list[tuple[int, float]], terminal: list[tuple[int, float]]):
    """Histories are (transactions, average amount) and (transactions, fraud share) of 1, 7 and 30 days."""
    spending = [{"transactions": count, "averageAmount": average} for count, average in customer]
    risk = [{"transactions": count, "fraudShare": share} for count, share in terminal]
    return {
        "amount": amount,
        "occurredAt": occurred_at,
        "customer": dict(zip(INPUT_WINDOWS, spending, strict=True)),
        "terminal": dict(zip(INPUT_WINDOWS, risk, strict=True)),
    }


USUAL_CUSTOMER = [(2, 48.2), (14, 51.75), (61, 49.9)]
SMALL_SPENDER = [(3, 9.1), (19, 10.42), (80, 10.05)]
LARGE_SPENDER = [(3, 96.4), (22, 101.3), (95, 98.87)]
NEW_CUSTOMER = [(0, 0), (0, 0), (0, 0)]
CLEAN_TERMINAL = [(1, 0), (7, 0), (29, 0)]
NEW_TERMINAL = [(0, 0), (0, 0), (0, 0)]

GOLDEN_INPUTS = {
    "a usual purchase by day": given(52.3, "2018-08-09T14:05:31", USUAL_CUSTOMER, CLEAN_TERMINAL),
    "the same at night": given(52.3, "2018-08-09T02:47:10", USUAL_CUSTOMER, CLEAN_TERMINAL),
    "last second of the night, on a Saturday": given(52.3, "2018-08-11T06:59:59", USUAL_CUSTOMER, CLEAN_TERMINAL),
    "first second of the day, on a Monday": given(52.3, "2018-08-13T07:00:00", USUAL_CUSTOMER, CLEAN_TERMINAL),
    "first purchase of a customer at a new terminal, without seconds": given(
        31.5, "2018-08-12T11:20", NEW_CUSTOMER, NEW_TERMINAL
    ),
    "an amount over 220": given(231.4, "2018-08-10T17:30:00", LARGE_SPENDER, CLEAN_TERMINAL),
    "just under 220, by a large spender": given(205.0, "2018-08-10T17:30:00", LARGE_SPENDER, CLEAN_TERMINAL),
    "five times what a small spender spends": given(54.0, "2018-08-08T19:12:45", SMALL_SPENDER, CLEAN_TERMINAL),
    "the same amount, after dear purchases earlier that day": given(
        54.0, "2018-08-08T19:12:45", [(3, 36.2), (20, 14.8), (80, 11.3)], CLEAN_TERMINAL
    ),
    "a terminal with fraud only, since more than a week": given(
        38.9, "2018-08-14T10:02:11", USUAL_CUSTOMER, [(2, 1), (8, 1), (31, 0.387)]
    ),
    "a terminal whose fraud began on the last known day": given(
        38.9, "2018-08-14T10:02:11", USUAL_CUSTOMER, [(1, 1), (6, 0.1667), (27, 0.037)]
    ),
    "a terminal whose fraud is over": given(
        38.9, "2018-08-14T10:02:11", USUAL_CUSTOMER, [(1, 0), (6, 0), (30, 0.5)]
    ),
    "the smallest amount": given(0.01, "2018-08-09T23:14:05", SMALL_SPENDER, CLEAN_TERMINAL),
}
