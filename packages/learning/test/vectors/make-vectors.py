"""Runs VowpalWabbit on small data made here and writes what it computed.

    python3 -m venv venv && venv/bin/pip install vowpalwabbit==9.11.9
    venv/bin/python make-vectors.py && npx oxfmt .

writes linear-updates.json, score-explorers.json and policies.json beside this file. README.md tells their format.
"""

import json
import math
import random
from pathlib import Path

import vowpalwabbit
from vowpalwabbit import LabelType

FOLDER = Path(__file__).parent
BASE = "--quiet"


def write(name, cases):
    document = {"vowpalwabbit": vowpalwabbit.__version__, "cases": cases}
    (FOLDER / f"{name}.json").write_text(json.dumps(document, indent=2, allow_nan=False) + "\n")


def short(number):
    """A float32 in the digits that tell it from every other."""
    return float(f"{number:.9g}")


def namespace(letter, features):
    return f"|{letter} " + " ".join(f"{name}:{value!r}" for name, value in features.items())


# --- one linear model -------------------------------------------------------------------------------------------------


def linear_case(name, examples, rate):
    """Learns the examples one after the other; after each one the whole state by feature name."""
    command = f"{BASE} --noconstant --bit_precision 20 --learning_rate {rate}"
    vw = vowpalwabbit.Workspace(command)
    names = sorted({feature for features, _, _ in examples for feature in features})
    hashes = {feature: vw.hash_feature(feature, vw.hash_space("f")) & (2**20 - 1) for feature in names}
    assert len(set(hashes.values())) == len(names), "two features share a weight"
    seen, rows = set(), []
    for features, label, importance in examples:
        example = vw.parse(f"{label!r} {importance!r} {namespace('f', features)}", LabelType.SIMPLE)
        vw.learn(example)
        prediction = short(example.get_simplelabel_prediction())
        vw.finish_example(example)
        seen |= features.keys()
        state = {feature: [short(vw.get_weight(hashes[feature], place)) for place in range(3)] for feature in sorted(seen)}
        rows.append(
            {
                "features": features,
                "label": label,
                "importance": importance,
                "prediction": prediction,
                "weights": {feature: numbers[0] for feature, numbers in state.items()},
                "gradients": {feature: numbers[1] for feature, numbers in state.items()},
                "scales": {feature: numbers[2] for feature, numbers in state.items()},
            }
        )
    vw.finish()
    return {"name": name, "command": command, "learning_rate": rate, "examples": rows}


def linear_cases():
    cases = []
    for rate in (0.05, 0.5, 1.0, 10.0):
        chance = random.Random(f"rate {rate}")
        rows = [
            ({"a": chance.uniform(-1, 1), "b": chance.uniform(0, 1), "c": 1.0}, chance.random(), 1.0) for _ in range(25)
        ]
        cases.append(linear_case(f"learning rate {rate}", rows, rate))
    for importance in (0.1, 1.0, 7.0, 1000.0):
        chance = random.Random(f"importance {importance}")
        rows = [({"a": chance.uniform(-1, 1), "b": 1.0}, chance.random(), importance) for _ in range(15)]
        cases.append(linear_case(f"importance {importance}", rows, 0.5))
    chance = random.Random("mixed importances")
    rows = [
        ({"a": chance.uniform(-1, 1), "b": 1.0}, chance.random(), chance.choice([0.1, 0.5, 1.0, 20.0, 1000.0]))
        for _ in range(25)
    ]
    cases.append(linear_case("mixed importances", rows, 0.5))
    chance = random.Random("scales")
    rows = [
        (
            {"thousandth": chance.uniform(-1e-3, 1e-3), "one": chance.uniform(-1, 1), "thousand": chance.uniform(1, 1e3)},
            chance.random(),
            1.0,
        )
        for _ in range(25)
    ]
    cases.append(linear_case("features of different scales", rows, 0.5))
    rows = [({"grows": 1.7**step, "b": 1.0}, 0.25 + 0.5 * (step % 2), 1.0) for step in range(16)]
    cases.append(linear_case("a scale that grows with every example", rows, 0.5))
    rows = [({"jumps": 1000.0 if step == 8 else 1.0, "b": 1.0}, 0.5 + 0.02 * step, 1.0) for step in range(16)]
    cases.append(linear_case("a feature 1,000 times as large once", rows, 0.5))
    chance = random.Random("labels")
    rows = [
        ({"a": chance.uniform(-1, 1), "b": 1.0}, chance.choice([-3.0, -0.5, 0.0, 0.4, 1.0, 2.5, 12.0]), 1.0)
        for _ in range(30)
    ]
    cases.append(linear_case("labels in and out of [0, 1]", rows, 0.5))
    cases.append(linear_case("the same example again and again", [({"a": 0.5, "b": -2.0}, 0.7, 1.0)] * 20, 0.5))
    cases.append(
        linear_case("label 0 first", [({"a": 1.0}, 0.0, 1.0), ({"a": 1.0}, 1.0, 1.0), ({"a": 2.0}, 0.0, 3.0)], 0.5)
    )
    chance = random.Random("sparse")
    rows = [
        ({f"f{place}": chance.uniform(0.1, 2) for place in chance.sample(range(12), 4)}, chance.random(), 1.0)
        for _ in range(40)
    ]
    cases.append(linear_case("sparse features", rows, 0.5))
    return cases


# --- probabilities for given scores -----------------------------------------------------------------------------------


def score_case(name, kind, parameters, options, scores, learned=0):
    """Weights are 1 and the learning rate is 0: an action's predicted cost is its one feature, −score."""
    command = f"{BASE} --noconstant --initial_weight 1 --learning_rate 0 --cb_explore_adf {options}"
    vw = vowpalwabbit.Workspace(command)
    for _ in range(learned):
        vw.learn(["0:0:0.5 |a z:1", "|a z:1"])
    probabilities = vw.predict([f"|a s:{-score!r}" for score in scores])
    vw.finish()
    return {
        "name": name,
        "command": command,
        "explorer": {"kind": kind, **parameters},
        "decisions_learned": learned,
        "scores": scores,
        "probabilities": [short(p) for p in probabilities],
    }


SCORES = {
    "two actions": [0.2, 0.5],
    "ten actions": [0.11, 0.72, 0.35, 0.9, 0.05, 0.61, 0.44, 0.87, 0.29, 0.53],
    "far apart": [0.0, 40.0, -3.0],
    "close together": [0.5, 0.501, 0.4995, 0.5005],
    "one action": [0.3],
    "negative scores": [-0.6, -0.2, -0.9],
}
TIES = {"all tied": [0.25, 0.25, 0.25], "two best tied": [0.1, 0.75, 0.5, 0.75], "all 0": [0.0, 0.0, 0.0, 0.0]}


def score_cases():
    cases = []
    for name, scores in {**SCORES, **TIES}.items():
        for epsilon in (0.0, 0.05, 0.3, 1.0):
            label = f"epsilon_greedy {epsilon}, {name}"
            cases.append(score_case(label, "epsilon_greedy", {"epsilon": epsilon}, f"--epsilon {epsilon}", scores))
        for rate in (0.5, 1.0, 7.0):
            label = f"softmax {rate}, {name}"
            cases.append(score_case(label, "softmax", {"lambda": rate}, f"--softmax --lambda {rate}", scores))
        if name in TIES and name != "all 0" and name != "all tied":
            continue
        for scale in (10.0, 100.0):
            for learned in (0, 1, 50):
                label = f"squarecb {scale} after {learned}, {name}"
                options = f"--squarecb --gamma_scale {scale}"
                cases.append(score_case(label, "squarecb", {"gamma_scale": scale}, options, scores, learned))
    return cases


# --- whole policies, learning -----------------------------------------------------------------------------------------

ACTIONS = ("concise", "empathetic", "step-by-step", "template")
COSTS = {"concise": 0.2, "empathetic": 0.5, "step-by-step": 0.8, "template": 0.05}


def decisions(seed, count, chosen_last=False, propensity=None):
    """Tickets whose best style depends on their features. What is chosen and how likely it was is drawn freely."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        context = {"length": round(chance.uniform(0.1, 3), 3), "angry": round(chance.uniform(0.05, 1), 3)}
        if chance.random() < 0.5:
            context["repeated"] = 1.0
        offered = list(ACTIONS[: chance.choice([2, 3, 4, 4, 4])])
        picked = chance.choice(offered)
        fits = picked == ACTIONS[min(int(context["length"]), len(offered) - 1)]
        noisy = (0.9 if fits else 0.3) - 0.2 * context["angry"] + chance.gauss(0, 0.05)
        if chosen_last:
            offered = [name for name in offered if name != picked] + [picked]
        chosen = offered.index(picked)
        rows.append(
            {
                "context": context,
                "actions": [{"id": name, "features": {"cost": COSTS[name]}} for name in offered],
                "chosen": chosen,
                "propensity": propensity(chance, chosen == len(offered) - 1),
                "reward": round(min(1, max(0, noisy)), 3),
            }
        )
    return rows


def some(chance, _is_last):
    return round(chance.uniform(0.15, 0.9), 3)


def one_for_last(chance, is_last):
    return 1.0 if is_last else some(chance, is_last)


def one(_chance, _is_last):
    return 1.0


def lines(decision, labelled):
    cost = f"0:{-decision['reward']!r}:{decision['propensity']!r} "
    told = [f"shared {namespace('c', decision['context'])}"]
    for place, action in enumerate(decision["actions"]):
        features = {**action["features"], f"action.id={action['id']}": 1.0}
        told.append((cost if labelled and place == decision["chosen"] else "") + namespace("a", features))
    return told


def policy_case(name, options, rows, replayed, answer):
    """For each decision: what VW answers, and then it learns it."""
    command = f"{BASE} --bit_precision 22 --quadratic ca --ignore_linear c {options}"
    vw = vowpalwabbit.Workspace(command)
    told = []
    for row in rows:
        said = vw.predict(lines(row, labelled=False))
        assert all(math.isfinite(number) for number in said)
        told.append({**row, answer: [short(0 - number if answer == "scores" else number) for number in said]})
        vw.learn(lines(row, labelled=True))
    vw.finish()
    return {"name": name, "command": command, **replayed, "decisions": told}


def policy_cases():
    cases = []
    rows = decisions("tickets", 40, propensity=some)
    learner = {"estimator": "mtr", "learning_rate": 0.5}
    for estimator in ("mtr", "ips"):
        for rate in (0.5, 0.1):
            options = f"--cb_adf --rank_all --cb_type {estimator} --learning_rate {rate}"
            replayed = {"learner": {"estimator": estimator, "learning_rate": rate}, "explorer": None}
            cases.append(policy_case(f"{estimator}, rate {rate}", options, rows, replayed, "scores"))
    for explorer, options in (
        ({"kind": "epsilon_greedy", "epsilon": 0.1}, "--epsilon 0.1"),
        ({"kind": "softmax", "lambda": 5.0}, "--softmax --lambda 5"),
    ):
        replayed = {"learner": learner, "explorer": explorer}
        options = f"--cb_explore_adf --cb_type mtr {options}"
        cases.append(policy_case(explorer["kind"], options, rows, replayed, "probabilities"))
    rows = decisions("squarecb", 40, propensity=one_for_last)
    for scale in (10.0, 100.0):
        replayed = {"learner": learner, "explorer": {"kind": "squarecb", "gamma_scale": scale}}
        options = f"--cb_explore_adf --cb_type mtr --squarecb --gamma_scale {scale}"
        cases.append(policy_case(f"squarecb {scale}", options, rows, replayed, "probabilities"))
    for name, propensity in (("p = 1", one), ("p < 1", some)):
        rows = decisions(f"the chosen one last, {name}", 40, chosen_last=True, propensity=propensity)
        # VW clips a prediction to the targets of all models together. With a wide range of rewards at first, and with
        # this seed, none is clipped that would not be clipped to the rewards alone.
        rows[0].update(reward=3.0, propensity=1.0)
        rows[1] = {**rows[0], "reward": -3.0}
        options = "--cb_adf --rank_all --cb_type dr"
        replayed = {"learner": {"estimator": "dr", "learning_rate": 0.5}, "explorer": None}
        cases.append(policy_case(f"dr, {name}", options, rows, replayed, "scores"))
        for policies, psi in ((4, 0.1), (3, 1.0)):
            explorer = {"kind": "cover", "policies": policies, "psi": psi}
            options = f"--cb_explore_adf --cb_type mtr --cover {policies} --psi {psi}"
            told = f"cover {policies}, psi {psi}, {name}"
            cases.append(policy_case(told, options, rows, {"learner": learner, "explorer": explorer}, "probabilities"))
    return cases


write("linear-updates", linear_cases())
write("score-explorers", score_cases())
write("policies", policy_cases())
