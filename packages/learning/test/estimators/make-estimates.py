"""Writes estimates.json: 20 fixed decisions, and what Open Bandit Pipeline 0.5.7 estimates from them.

    python -m venv obp && obp/bin/pip install numpy pandas scipy scikit-learn pyyaml tqdm matplotlib seaborn
    obp/bin/pip install --no-deps --ignore-requires-python obp==0.5.7
    obp/bin/python packages/learning/test/estimators/make-estimates.py

The package imports PyTorch for estimators of another kind; an empty module stands for it here, since none of the
formulas below uses it.
"""

import json
import sys
import types
from pathlib import Path


class Absent(types.ModuleType):
    """Whatever is taken from it is an empty class."""

    __path__: list = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


for name in ("torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils", "torch.utils.data"):
    sys.modules[name] = Absent(name)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, sys.modules[name])

import numpy as np  # noqa: E402
from obp.ope import (  # noqa: E402
    DirectMethod,
    DoublyRobust,
    DoublyRobustWithShrinkage,
    InverseProbabilityWeighting,
    SelfNormalizedDoublyRobust,
    SelfNormalizedInverseProbabilityWeighting,
    SwitchDoublyRobust,
)

ROWS, ACTIONS = 20, 4
LIMITS = [1, 2, 5, 10]
SHRINKAGES = [0.1, 1, 10, 100]

random = np.random.default_rng(20261123)
logging = random.dirichlet(np.ones(ACTIONS) * 0.7, ROWS)
target = random.dirichlet(np.ones(ACTIONS), ROWS)
chosen = np.array([random.choice(ACTIONS, p=p) for p in logging])
expected = np.round(random.uniform(0, 1, (ROWS, ACTIONS)), 6)
reward = np.round(random.uniform(0, 1, ROWS), 6)
pscore = logging[np.arange(ROWS), chosen]

given = {
    "reward": reward,
    "action": chosen,
    "pscore": pscore,
    "action_dist": target[:, :, None],
    "estimated_rewards_by_reg_model": expected[:, :, None],
}
plain = {name: given[name] for name in ("reward", "action", "pscore", "action_dist")}
estimates = {
    "ips": InverseProbabilityWeighting().estimate_policy_value(**plain),
    "snips": SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**plain),
    "dm": DirectMethod().estimate_policy_value(
        action_dist=given["action_dist"],
        estimated_rewards_by_reg_model=given["estimated_rewards_by_reg_model"],
    ),
    "dr": DoublyRobust().estimate_policy_value(**given),
    "sndr": SelfNormalizedDoublyRobust().estimate_policy_value(**given),
    "switch_dr": {str(limit): SwitchDoublyRobust(lambda_=limit).estimate_policy_value(**given) for limit in LIMITS},
    "dr_os": {
        str(shrinkage): DoublyRobustWithShrinkage(lambda_=shrinkage).estimate_policy_value(**given)
        for shrinkage in SHRINKAGES
    },
}
rows = [
    {
        "chosen": int(chosen[i]),
        "propensity": float(pscore[i]),
        "target": target[i].tolist(),
        "expected": expected[i].tolist(),
        "reward": float(reward[i]),
    }
    for i in range(ROWS)
]
made = {"package": "obp 0.5.7", "numpy": np.__version__, "rows": rows, "estimates": estimates}
Path(__file__).with_name("estimates.json").write_text(json.dumps(made, indent=2) + "\n")
