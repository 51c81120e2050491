"""Writes model.json and manifest.json; models/README.md explains their keys."""

import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import onnx

MANIFEST_FILE = "manifest.json"
MODEL_FILE = "model.onnx"

TENSOR_TYPES = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.INT32: "int32",
    onnx.TensorProto.UINT8: "uint8",
}


def write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_model_json(
    model_folder: Path,
    *,
    task: str,
    description: str,
    default: bool = True,
    promotion: str = "manual",
    keep_loaded: int = 3,
) -> None:
    """`task` is classify-image, sentiment or fraud-score; the model is named like its folder."""
    model_folder.mkdir(parents=True, exist_ok=True)
    write_json(
        model_folder / "model.json",
        {
            "name": model_folder.name,
            "task": task,
            "default": default,
            "description": description,
            "promotion": promotion,
            "keepLoaded": keep_loaded,
        },
    )


def write_manifest(
    version_folder: Path,
    *,
    task: str,
    preprocessing: dict,
    postprocessing: dict,
    compare: str,
    tolerance: float,
    card: dict,
    max_batch_size: int = 32,
) -> dict:
    """Describes models/<model>/<version> as it lies there, so it is the last file to be written.

    Signatures are read from model.onnx and checksums from every file of the folder: neither can disagree.
    """
    manifest = {
        "manifest": 1,
        "model": version_folder.parent.name,
        "version": version_folder.name,
        "task": task,
        "createdAt": _created_at(version_folder),
        "files": file_checksums(version_folder),
        **onnx_signature(version_folder / MODEL_FILE),
        "preprocessing": preprocessing,
        "postprocessing": postprocessing,
        "batching": {"maxBatchSize": max_batch_size},
        "golden": {"file": "golden.json", "compare": compare, "tolerance": tolerance},
        "card": card,
    }
    write_json(version_folder / MANIFEST_FILE, manifest)
    return manifest


def metric(name: str, dataset: str, value: float) -> dict:
    """One row of card.metrics, with four significant digits: more would be noise."""
    return {"name": name, "dataset": dataset, "value": float(f"{value:.4g}")}


def file_checksums(version_folder: Path) -> dict[str, dict]:
    """SHA-256 and size of every file but the manifest itself, model.onnx first."""
    paths = [p for p in version_folder.rglob("*") if p.is_file() and p.name != MANIFEST_FILE]
    names = sorted((p.relative_to(version_folder).as_posix() for p in paths), key=lambda n: (n != MODEL_FILE, n))
    return {
        name: {"sha256": _sha256(version_folder / name), "bytes": (version_folder / name).stat().st_size}
        for name in names
    }


def onnx_signature(model_path: Path) -> dict[str, list[dict]]:
    """Inputs and outputs of an ONNX file; a dynamic dimension appears under its name, such as "batch"."""
    graph = onnx.load(model_path, load_external_data=False).graph
    return {"inputs": [_tensor(t) for t in graph.input], "outputs": [_tensor(t) for t in graph.output]}


def _tensor(value: onnx.ValueInfoProto) -> dict:
    tensor = value.type.tensor_type
    dimensions = [d.dim_param if d.HasField("dim_param") else d.dim_value for d in tensor.shape.dim]
    if any(d in ("", 0) for d in dimensions):
        raise ValueError(f"{value.name} has an unnamed dynamic dimension: {dimensions}")
    return {"name": value.name, "type": TENSOR_TYPES[tensor.elem_type], "shape": dimensions}


def _created_at(version_folder: Path) -> str:
    """Now, or what the present manifest says of the same weights: repeating a recipe makes no new version."""
    manifest_path = version_folder / MANIFEST_FILE
    if manifest_path.exists():
        present = json.loads(manifest_path.read_text(encoding="utf-8"))
        if present["files"][MODEL_FILE]["sha256"] == _sha256(version_folder / MODEL_FILE):
            return present["createdAt"]
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
