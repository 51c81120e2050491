"""The two detectors: version 1, a logistic regression; version 2, a small network. Both take raw features."""

from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from graph import write_graph

HIDDEN = (64, 32)
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 8, 2048, 4e-3, 1e-4


class LogisticDetector:
    """On standardised features, like the Handbook's baseline."""

    def __init__(self, features: np.ndarray, fraud: np.ndarray):
        self.mean, self.deviation = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
        self.regression = LogisticRegression(max_iter=1000).fit(self._scaled(features), fraud)

    def probability(self, features: np.ndarray) -> np.ndarray:
        return self.regression.predict_proba(self._scaled(features))[:, 1]

    def save(self, path: Path) -> None:
        layers = [(self.regression.coef_.T, self.regression.intercept_)]
        write_graph(
            path, name="logistic_regression", logarithms=False, mean=self.mean, deviation=self.deviation, layers=layers
        )

    def _scaled(self, features: np.ndarray) -> np.ndarray:
        return (features.astype(np.float64) - self.mean) / self.deviation


class NetworkDetector:
    """Two hidden layers. Beside each feature stands its logarithm, which turns "five times the customer's mean"
    into a difference, the same for small and for large spenders."""

    def __init__(self, features: np.ndarray, fraud: np.ndarray, seed: int = 0):
        torch.manual_seed(seed)
        # Layers this small only wait for each other on several threads, and one thread always sums in the same order.
        torch.set_num_threads(1)
        inputs = _with_logarithms(torch.from_numpy(features))
        self.mean, self.deviation = inputs.mean(dim=0), inputs.std(dim=0)
        widths = (inputs.shape[1], *HIDDEN)
        hidden = [layer for i, o in zip(widths, HIDDEN) for layer in (nn.Linear(i, o), nn.ReLU())]
        self.network = nn.Sequential(*hidden, nn.Linear(HIDDEN[-1], 1))
        self._train((inputs - self.mean) / self.deviation, torch.from_numpy(fraud.astype(np.float32)))

    def probability(self, features: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            scaled = (_with_logarithms(torch.from_numpy(features)) - self.mean) / self.deviation
            return torch.sigmoid(self.network(scaled))[:, 0].numpy()

    def save(self, path: Path) -> None:
        linear = [layer for layer in self.network if isinstance(layer, nn.Linear)]
        layers = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear]
        write_graph(
            path,
            name="small_network",
            logarithms=True,
            mean=self.mean.numpy(),
            deviation=self.deviation.numpy(),
            layers=layers,
        )

    def _train(self, inputs: torch.Tensor, fraud: torch.Tensor) -> None:
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        steps_an_epoch = len(inputs) // BATCH
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=EPOCHS * steps_an_epoch)
        for epoch in range(1, EPOCHS + 1):
            order, total = torch.randperm(len(inputs)), 0.0
            for step in range(steps_an_epoch):
                rows = order[step * BATCH : (step + 1) * BATCH]
                logits = self.network(inputs[rows])[:, 0]
                loss = nn.functional.binary_cross_entropy_with_logits(logits, fraud[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                total += loss.item()
            print(f"  epoch {epoch} of {EPOCHS}: log loss {total / steps_an_epoch:.5f}", flush=True)


def _with_logarithms(features: torch.Tensor) -> torch.Tensor:
    return torch.cat([features, torch.log(features + 1)], dim=1)
