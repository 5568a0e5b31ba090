"""Action probabilities of Thompson sampling for the campaign of bts-all.csv.gz, with the priors of its makers.

The policy draws from the Beta distributions of the Open Bandit Pipeline (obp/policy/conf/prior_bts.yaml) and shows the
three items with the largest draws. How often each item came to each position in many draws is its probability.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1 PyYAML==6.0.3
    venv/bin/python bts-probabilities.py path/to/obp-0.5.7 > bts-all-probabilities.json

Less than a minute.
"""

import json
import sys
from pathlib import Path
from types import ModuleType

SIMULATIONS, SEED, ITEMS, POSITIONS = 1_000_000, 12345, 80, 3


def main(source: Path) -> None:
    # Packages without their __init__.py, which would load parts that need much more than this.
    for name in ("obp", "obp.policy"):
        package = ModuleType(name)
        package.__path__ = [str(source.joinpath(*name.split(".")))]
        sys.modules[name] = package
    sys.path.insert(0, str(source))
    from obp.policy.contextfree import BernoulliTS

    policy = BernoulliTS(
        n_actions=ITEMS, len_list=POSITIONS, is_zozotown_prior=True, campaign="all", random_state=SEED
    )
    shares = policy.compute_batch_action_dist(n_sim=SIMULATIONS)[0]
    probabilities = {
        str(position + 1): {f"item-{item}": float(shares[item, position]) for item in range(ITEMS)}
        for position in range(POSITIONS)
    }
    json.dump(
        {"campaign": "all", "simulations": SIMULATIONS, "seed": SEED, "probabilities": probabilities},
        sys.stdout,
        indent=2,
    )
    print()


main(Path(sys.argv[1]))
