"""Writes the data sets of digits, breast-cancer and wine from what scikit-learn brings along.

    pip install scikit-learn
    python models/datasets.py

Nothing is downloaded. The files are kept here, so this is needed only to make them again;
networks are trained from the files. Every number is a binary fraction that float32 holds.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from learning import Array, round_to
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from writing import write_data

HERE = Path(__file__).resolve().parent


def one_hot(classes: Array) -> Array:
    """A column for each class, 1 where it is the class and 0 elsewhere."""
    return np.eye(int(classes.max()) + 1)[classes.astype(int)]


def standardise(values: Array) -> Array:
    """Each column with mean 0 and deviation 1, to the nearest sixteenth."""
    return round_to((values - values.mean(axis=0)) / values.std(axis=0), 4)


def write_split(
    folder: Path, names: list[str], rows: Array, training: NDArray[np.bool_]
) -> None:
    """The rows for training and the others, in two files."""
    folder.mkdir(parents=True, exist_ok=True)
    header = ",".join(re.sub(r"\W+", "_", name) for name in names)
    write_data(folder / "train.csv", header, rows[training])
    write_data(folder / "deploy.csv", header, rows[~training])


def write_digits(folder: Path) -> None:
    """Images of 8 x 8 pixels from 0 to 16, row by row; a column for each digit."""
    images, digits = load_digits(return_X_y=True)
    names = [f"x{pixel + 1}" for pixel in range(64)] + [f"y{k}" for k in range(10)]
    first = np.arange(len(images)) < 1_500
    write_split(folder, names, np.hstack([images, one_hot(digits)]), first)


def write_breast_cancer(folder: Path) -> None:
    """Thirty measurements, standardised; 1 for malignant and -1 for benign."""
    found = load_breast_cancer()
    label = (1 - 2 * found.target)[:, None]  # there, 1 is benign
    rows = np.hstack([standardise(found.data), label])
    first = np.arange(len(rows)) < 400
    write_split(folder, [*found.feature_names, "y"], rows, first)


def write_wine(folder: Path) -> None:
    """Thirteen measurements, standardised; a column for each grower. The rows come in
    order of growers, so every third one is kept back."""
    found = load_wine()
    rows = np.hstack([standardise(found.data), one_hot(found.target)])
    kept = np.arange(len(rows)) % 3 != 2
    write_split(folder, [*found.feature_names, "y1", "y2", "y3"], rows, kept)


def main() -> None:
    write_digits(HERE / "digits")
    write_breast_cancer(HERE / "breast-cancer")
    write_wine(HERE / "wine")


if __name__ == "__main__":
    main()
