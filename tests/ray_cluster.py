"""A Ray cluster of two nodes on this machine, for the tests: it does what it is told on standard input."""

from __future__ import annotations

import sys

from ray.cluster_utils import Cluster


def main() -> None:
    """``kill`` ends the second node as a failure of power would, ``add`` starts another one, ``quit`` ends all."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    second = cluster.add_node(num_cpus=1)
    print(cluster.address, flush=True)  # noqa: T201 - the test reads it
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
        else:
            second = cluster.add_node(num_cpus=1)
        print(line.strip(), flush=True)  # noqa: T201
    cluster.shutdown()


if __name__ == "__main__":
    main()
