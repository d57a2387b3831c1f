"""A panel of controls over a function that answers: the one way notebooks are interactive.

Controls only choose arguments; the numbers and the figure come from the same functions as the
report. A mistake shows its sentence in the panel instead of a traceback.
"""

from collections.abc import Callable

import ipywidgets as widgets
from IPython.display import display

from apijourney.errors import WorkbookError


def panel(answer: Callable[..., None], **controls: widgets.Widget) -> widgets.VBox:
    """Lay controls above the answer, and answer again whenever one of them changes.

    answer : called with one keyword a control; it displays what it has to say.
    controls : ipywidgets, in the order shown.
    """

    def guarded(**values) -> None:
        try:
            answer(**values)
        except WorkbookError as error:
            display(widgets.HTML(f"<em>{error}</em>"))

    for control in controls.values():
        if hasattr(control, "continuous_update"):
            control.continuous_update = False
        control.style.description_width = "initial"
    output = widgets.interactive_output(guarded, controls)
    rows = widgets.HBox(list(controls.values()), layout=widgets.Layout(flex_flow="row wrap"))
    return widgets.VBox([rows, output])
