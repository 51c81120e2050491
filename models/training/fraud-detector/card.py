"""The cards of both versions, from what was measured."""

from dataclasses import dataclass

from common.latency import Latency, processor_name
from common.version_folder import metric
from golden_inputs import CLEAN_TERMINAL, LARGE_SPENDER, NEW_CUSTOMER, SMALL_SPENDER, USUAL_CUSTOMER, given
from measurement import FALSE_ALARMS_A_FRAUD, SECOND_LOOKS_A_FRAUD, Measurement, Thresholds

SUMMARIES = {
    "1": "Logistic regression on 15 standardised features of a card transaction.",
    "2": "Network with 64 and 32 hidden units on 15 features of a card transaction and their logarithms. Better than "
    "version 1 in average precision: it weighs an amount against what this customer spends, and a terminal's frauds "
    "against their time.",
}
INTENDED_USE = (
    "Demonstration and teaching: ranks simulated card transactions by how likely they are fraudulent. Must not decide "
    "about anyone's payments: it has never seen a real transaction."
)
SOURCE = (
    "Trained from nothing by models/training/fraud-detector on transactions of its own simulator, until 31 July 2018. "
    "The simulator follows the rules of the Fraud Detection Handbook (Le Borgne et al. 2022); no data of others went "
    "into the weights."
)
WEAKNESSES = {
    "a terminal that was compromised this week looks clean, since its history ends a week before (52.30)": given(
        52.3, "2018-08-09T14:05:31", USUAL_CUSTOMER, CLEAN_TERMINAL
    ),
    "a genuine 260 by a customer who spends 99, since every simulated amount over 220 is a fraud": given(
        260.0, "2018-08-10T17:30:00", LARGE_SPENDER, CLEAN_TERMINAL
    ),
    "a genuine treat, 54 by a customer who spends 10": given(
        54.0, "2018-08-08T19:12:45", SMALL_SPENDER, CLEAN_TERMINAL
    ),
    "card testing, which the simulation lacks: the 41st payment of 1.00 that day": given(
        1.0, "2018-08-09T14:05:31", [(40, 1.0), (54, 14.2), (101, 30.4)], CLEAN_TERMINAL
    ),
    "180 as a customer's first purchase ever": given(180.0, "2018-08-09T14:05:31", NEW_CUSTOMER, CLEAN_TERMINAL),
}


@dataclass(frozen=True)
class Measured:
    """All that a card tells of one version."""

    thresholds: Thresholds
    simulated: Measurement
    published: Measurement | None
    """On the Handbook's published transactions, where they were at hand."""
    latency: Latency
    size_bytes: int
    answers: dict[str, float]
    """Its probability for each of WEAKNESSES."""


def card_of(version: str, measured: Measured) -> dict:
    simulated, published = measured.simulated, measured.published
    metrics = _metrics_of(
        simulated,
        f"8 to 14 August 2018 in {simulated.weeks} simulations not trained on, cards known to be defrauded left out "
        f"({simulated.transactions:,} transactions)",
        between="simulations",
    )
    if published:
        metrics += _metrics_of(
            published,
            f"Fraud Detection Handbook's published transactions, {published.weeks} weeks until 31 July 2018, not "
            f"trained on, cards known to be defrauded left out ({published.transactions:,} transactions)",
            between="weeks",
        )
    batch = measured.latency.best_batch
    machine = f"onnxruntime, one thread of {processor_name()}"
    return {
        "summary": SUMMARIES[version],
        "intendedUse": INTENDED_USE,
        "limits": _limits(measured),
        "license": "MIT",
        "source": SOURCE,
        "metrics": [
            *metrics,
            metric("latency at batch 1, ms", machine, measured.latency.batch_1_ms),
            metric(f"latency a transaction at batch {batch}, ms", machine, measured.latency.best_batch_ms_per_row),
            metric("model size, bytes", "model.onnx", measured.size_bytes),
        ],
    }


def _metrics_of(measured: Measurement, dataset: str, *, between: str) -> list[dict]:
    spread = f"standard deviation between {between}"
    values = {
        "average precision": measured.mean.average_precision,
        f"average precision, {spread}": measured.spread.average_precision,
        "AUC": measured.mean.auc,
        f"AUC, {spread}": measured.spread.auc,
        "card precision at 100": measured.mean.card_precision,
        f"card precision at 100, {spread}": measured.spread.card_precision,
        "expected calibration error, 15 bins": measured.calibration_error,
        "expected calibration error from MEDIUM on, 15 bins": measured.calibration_error_from_medium,
        "precision of flagged": measured.precision,
        "recall of flagged": measured.recall,
        "flagged transactions a day": measured.flagged_a_day,
    }
    return [metric(name, dataset, value) for name, value in values.items()]


def _limits(measured: Measured) -> str:
    thresholds = measured.thresholds
    costs = (
        f"Flagged from {thresholds.flagged}, where a missed fraud costs as much as {FALSE_ALARMS_A_FRAUD} false alarms"
        f"; MEDIUM from {thresholds.medium}, where it costs as much as {SECOND_LOOKS_A_FRAUD} second looks."
    )
    weaknesses = "; ".join(f"{what}: {answer:.4f}" for what, answer in measured.answers.items())
    return f"{costs} Weaknesses, each with the probability it gives: {weaknesses}."
