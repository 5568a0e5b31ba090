"""VowpalWabbit's side of the bench: one job for each line of the input, one result for each line of the output.

    python vowpalwabbit-peer.py <folder with data sets> <folder with orders>

A job `{"dataset", "shuffles", "arguments", "right", "wrong", "timed"}` goes over a data set once for each of its first
shuffles: VW is asked, an action is drawn from VW's own probabilities, its cost (`right` or `wrong`) is told. The result
has the share of wrong actions of each pass; of a timed one, how long it took.
"""

import csv
import json
import random
import sys
import time
from pathlib import Path

import vowpalwabbit

FEATURES = "--quiet --bit_precision 18 --quadratic ca --ignore_linear c"


class Dataset:
    """Rows as the text of a decision: the context, and actions that have nothing but an id."""

    def __init__(self, folder, name):
        with (Path(folder) / f"{name}.csv").open(newline="") as file:
            names, *rows = csv.reader(file)
        self.classes = sorted({row[0] for row in rows})
        self.labels = [self.classes.index(row[0]) for row in rows]
        actions = "\n".join(f"|a action.id={name}:1" for name in self.classes)
        self.texts = [f"shared |c {' '.join(features(names[1:], row[1:]))}\n{actions}" for row in rows]


def features(names, values):
    for name, value in zip(names, values):
        try:
            number = float(value)
        except ValueError:
            yield f"{name}={value}:1"
        else:
            if number != 0:
                yield f"{name}:{number!r}"


def draw(probabilities, u):
    """The index that u in [0, 1) falls on."""
    for index, p in enumerate(probabilities):
        if u < p:
            return index
        u -= p
    return max(index for index, p in enumerate(probabilities) if p > 0)


def progress(dataset, order, job, chance):
    """@returns the share of wrong actions of one pass"""
    vw = vowpalwabbit.Workspace(f"{FEATURES} {job['arguments']}")
    wrong = 0
    for row in order:
        decision = vw.parse(dataset.texts[row])
        probabilities = vw.predict(decision)
        chosen = draw(probabilities, chance.random())
        is_right = chosen == dataset.labels[row]
        wrong += not is_right
        cost = job["right"] if is_right else job["wrong"]
        # The first line is the context.
        decision[chosen + 1].set_label_string(f"0:{cost}:{probabilities[chosen]}")
        vw.learn(decision)
        vw.finish_example(decision)
    vw.finish()
    return wrong / len(order)


def speed(dataset, order, job, chance):
    """@returns seconds for parsing, and for deciding and learning of what was parsed already"""
    vw = vowpalwabbit.Workspace(f"{FEATURES} {job['arguments']}")
    parsing = working = 0.0
    for row in order:
        began = time.perf_counter()
        decision = vw.parse(dataset.texts[row])
        parsed = time.perf_counter()
        probabilities = vw.predict(decision)
        chosen = draw(probabilities, chance.random())
        cost = job["right"] if chosen == dataset.labels[row] else job["wrong"]
        decision[chosen + 1].set_label_string(f"0:{cost}:{probabilities[chosen]}")
        vw.learn(decision)
        worked = time.perf_counter()
        vw.finish_example(decision)
        parsing += parsed - began
        working += worked - parsed
    vw.finish()
    return {"parsingSeconds": parsing, "workSeconds": working}


def main(data, orders):
    datasets, permutations = {}, {}
    print(json.dumps({"vowpalwabbit": vowpalwabbit.__version__}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        name = job["dataset"]
        if name not in datasets:
            datasets[name] = Dataset(data, name)
            permutations[name] = json.loads((Path(orders) / f"{name}.json").read_text())
        runs = permutations[name][: job["shuffles"]]
        # The same draws for every command: what differs between two of them is then the command.
        chances = [random.Random(f"{name} {number}") for number in range(len(runs))]
        run = speed if job["timed"] else progress
        results = [run(datasets[name], order, job, chance) for order, chance in zip(runs, chances)]
        print(json.dumps(results), flush=True)


main(*sys.argv[1:])
