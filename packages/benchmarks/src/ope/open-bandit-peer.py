"""Open Bandit Pipeline's side of the bench: reads the arrays of a folder, estimates, says how long that took.

python open-bandit-peer.py <folder> <rows> <actions> <values|intervals>

The package imports PyTorch for estimators of another kind; an empty module stands for it, since none of those below
uses it.
"""

import json
import resource
import sys
import time
import types


class Absent(types.ModuleType):
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
    DoublyRobustWithShrinkageTuning,
    InverseProbabilityWeighting,
    SelfNormalizedDoublyRobust,
    SelfNormalizedInverseProbabilityWeighting,
    SwitchDoublyRobustTuning,
)

folder, rows, actions, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
read = lambda name, shape: np.fromfile(f"{folder}/{name}.f64").reshape(shape)  # noqa: E731
given = {
    "reward": read("reward", rows),
    "action": read("chosen", rows).astype(int),
    "pscore": read("propensity", rows),
    "action_dist": read("target", (rows, actions, 1)),
}
model = {"estimated_rewards_by_reg_model": read("expected", (rows, actions, 1))}
limits = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
shrinkages = [0.1, 1, 10, 100, 1000, 1e4, 1e5, 1e6]
estimators = {
    "ips": (InverseProbabilityWeighting(), given),
    "snips": (SelfNormalizedInverseProbabilityWeighting(), given),
    "dm": (DirectMethod(), {"action_dist": given["action_dist"], **model}),
    "dr": (DoublyRobust(), {**given, **model}),
    "sndr": (SelfNormalizedDoublyRobust(), {**given, **model}),
    "switch_dr": (SwitchDoublyRobustTuning(lambdas=limits, tuning_method="slope"), {**given, **model}),
    "dr_os": (DoublyRobustWithShrinkageTuning(lambdas=shrinkages, tuning_method="slope"), {**given, **model}),
}
began = time.perf_counter()
values = {}
for name, (estimator, arguments) in estimators.items():
    values[name] = float(estimator.estimate_policy_value(**arguments))
    if wanted == "intervals":
        estimator.estimate_interval(**arguments, n_bootstrap_samples=100, random_state=1)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "peak": peak, "values": values}))
