"""A panel of controls over functions that answer: the one way notebooks are interactive.

Controls only choose arguments; the numbers and the figure come from the same functions as the
report. A mistake shows its sentence in the panel instead of a traceback.
"""

import inspect
from collections.abc import Callable

import ipywidgets as widgets
from IPython.display import clear_output, display

from apijourney.errors import WorkbookError
from apijourney.figures.style import figures_apart
from apijourney.notebook import DRAWING


def panel(*answers: Callable[..., None], **controls: widgets.Widget) -> widgets.VBox:
    """Lay controls above the answers, and answer again whenever one of them changes.

    answers : each is called with the controls that its arguments name, and displays what it has to say. It
        is asked again only when one of these changes, so what does not depend on a control stays as it stands.
    controls : ipywidgets, in the order shown.
    """
    for control in controls.values():
        if hasattr(control, "continuous_update"):
            control.continuous_update = False
        control.style.description_width = "initial"
    outputs = [_answered(answer, {name: controls[name] for name in asked_of(answer)}) for answer in answers]
    rows = widgets.HBox(list(controls.values()), layout=widgets.Layout(flex_flow="row wrap"))
    return widgets.VBox([rows, *outputs])


def asked_of(answer: Callable[..., None]) -> list[str]:
    """The controls an answer depends on: the names of its arguments.

    >>> asked_of(lambda stage, month: None)
    ['stage', 'month']
    """
    return list(inspect.signature(answer).parameters)


def _answered(answer: Callable[..., None], controls: dict[str, widgets.Widget]) -> widgets.Output:
    """What an answer displays, now and whenever one of its controls changes.

    JupyterLab tells of moved controls in threads of their own. matplotlib draws one figure at a time, so one answer is
    given after the other, with figures that no other thread shows and closes. (`interactive_output` does that, too.)
    """
    output = widgets.Output()

    def ask(*_) -> None:
        with DRAWING, figures_apart(), output:
            clear_output(wait=True)
            try:
                answer(**{name: control.value for name, control in controls.items()})
            except WorkbookError as error:
                display(widgets.HTML(f"<em>{error}</em>"))

    for control in controls.values():
        control.observe(ask, "value")
    ask()
    return output
