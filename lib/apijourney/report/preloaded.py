"""What notebooks need, loaded once in the server that kernels are copies of: importing this module does it.

Unit: a process. What a notebook imports beside this it loads itself. What was loaded is taken from the collector of
garbage: it would write to it, and each copy would need memory of its own.
"""

import atexit
import gc
import importlib
import pkgutil

import ipykernel.kernelapp  # noqa: F401
import lifelines  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401
import nbconvert.exporters.html  # noqa: F401
import papermill  # noqa: F401
import seaborn  # noqa: F401
import statsmodels.discrete.discrete_model  # noqa: F401
import statsmodels.regression.linear_model  # noqa: F401

import apijourney.exercises
import apijourney.explore
import apijourney.figures
import apijourney.metrics
import apijourney.readings
import apijourney.report.chapter  # noqa: F401

for floor in (apijourney.metrics, apijourney.figures, apijourney.readings, apijourney.explore, apijourney.exercises):
    for module in pkgutil.walk_packages(floor.__path__, f"{floor.__name__}."):
        importlib.import_module(module.name)

gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)  # at its end the server lets go of all, or libraries complain
