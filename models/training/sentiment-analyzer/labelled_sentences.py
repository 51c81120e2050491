"""Kotzias' labelled sentences (UCI, CC BY 4.0): 1,000 from Amazon and 1,000 from Yelp, for tests only.

They lie in the npm package sentiment 5.0.2. Its film sentences are left alone.
"""

import json
import tarfile
from pathlib import Path

from example import Example

FILES = {"Amazon sentences": "amazon.json", "Yelp sentences": "yelp.json"}


def read_labelled_sentences(package: Path) -> dict[str, list[Example]]:
    with tarfile.open(package) as packed:
        return {
            name: [
                Example(row["text"].strip(), float(row["class"]), name)
                for row in json.load(packed.extractfile(f"package/test/fixtures/{file}"))
                if row["text"].strip()
            ]
            for name, file in FILES.items()
        }
