"""What notebooks need, loaded once in the server that kernels are copies of: importing this module does it.

Unit: a process. What a notebook imports beside this it loads itself. What was loaded is taken from the collector of
garbage: it would write to it, and each copy would need memory of its own.
"""

import atexit
import gc
import importlib
import os
import pkgutil

import ipykernel.kernelapp  # noqa: F401
import lifelines  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401
import nbformat
import papermill  # noqa: F401
import seaborn  # noqa: F401
import statsmodels.discrete.discrete_model  # noqa: F401
import statsmodels.regression.linear_model  # noqa: F401

import apijourney.exercises
import apijourney.explore
import apijourney.figures
import apijourney.metrics
import apijourney.readings
from apijourney.report.chapter import read_chapter

for floor in (apijourney.metrics, apijourney.figures, apijourney.readings, apijourney.explore, apijourney.exercises):
    for module in pkgutil.walk_packages(floor.__path__, f"{floor.__name__}."):
        importlib.import_module(module.name)

os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # or it says that Python's own modules cannot be debugged
importlib.import_module("ipykernel.debugger")  # every kernel loads it

# An empty chapter: templates and schemas are compiled with it.
read_chapter(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# None")]), "00_none")

gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)  # at its end the server lets go of all, or libraries complain
