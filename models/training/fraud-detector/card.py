"""The cards of both versions, from what was measured."""

from common.latency import Latency
from common.version_folder import metric
from measurement import FALSE_ALARMS_A_FRAUD, SECOND_LOOKS_A_FRAUD, Measurement

SUMMARIES = {
    "1": "Logistic regression on 15 standardised features of a card transaction.",
    "2": "Network with 64 and 32 hidden units on 15 features of a card transaction and their logarithms. "
    "Better than version 1 in average precision.",
}


def card_of(version: str, measured: Measurement, latency: Latency, size_bytes: int) -> dict:
    dataset = (
        f"simulated test weeks of {measured.seeds} seeds, 8 to 14 August 2018, "
        f"known defrauded cards left out ({measured.transactions:,} transactions)"
    )
    return {
        "summary": SUMMARIES[version],
        "intendedUse": "Demonstration and teaching: ranking simulated card transactions by how likely they are "
        "fraudulent. Not for decisions about real people's payments: it has never seen a real transaction.",
        "limits": f"Flags where missing a fraud costs as much as {FALSE_ALARMS_A_FRAUD} false alarms; MEDIUM starts "
        f"where it costs as much as {SECOND_LOOKS_A_FRAUD} second looks. Frauds of a terminal's first week look "
        "like genuine transactions, since its history ends a week before.",
        "license": "MIT",
        "source": "Trained by models/training/fraud-detector on transactions of its own simulator, which follows the "
        "rules of the Fraud Detection Handbook (Le Borgne et al. 2022).",
        "metrics": [
            metric("average precision", dataset, measured.mean.average_precision),
            metric("average precision, standard deviation between seeds", dataset, measured.spread.average_precision),
            metric("AUC", dataset, measured.mean.auc),
            metric("AUC, standard deviation between seeds", dataset, measured.spread.auc),
            metric("card precision at 100", dataset, measured.mean.card_precision),
            metric("card precision at 100, standard deviation between seeds", dataset, measured.spread.card_precision),
            metric("precision at the threshold", dataset, measured.precision),
            metric("recall at the threshold", dataset, measured.recall),
            metric("flagged transactions a day of 5,000 cards", dataset, measured.alerts_a_day),
            metric("expected calibration error, 15 bins", dataset, measured.calibration_error),
            metric("milliseconds, batch of 1", "onnxruntime, 1 thread", latency.batch_1_ms),
            metric(
                f"milliseconds a transaction, batch of {latency.best_batch}",
                "onnxruntime, 1 thread",
                latency.best_batch_ms_per_row,
            ),
            metric("bytes", "model.onnx", size_bytes),
        ],
    }
