"""A simulated API company whose stories, and their true sizes, are known.

Unit: a whole company, as its canonical tables. It stands in for real data in the sample, in tests
on other seeds, and in the null company, where every story is absent.
"""

from apijourney.simulate.simulation import simulate
from apijourney.simulate.write import write_sample

__all__ = ["simulate", "write_sample"]
